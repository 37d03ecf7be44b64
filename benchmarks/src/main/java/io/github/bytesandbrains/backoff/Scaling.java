package io.github.bytesandbrains.backoff;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;

/**
 * The throughput of several threads by that of one, for the same operations in all, neighbouring
 * slices of both. Where the threads should not be in each other's way, only slices count in which every
 * thread had a processor: others show how busy the machine is. Threads that wait for each other have
 * none while they wait, so that such a contender is left without slices, and does not hold.
 */
final class Scaling implements Experiment {
  private final String title;
  private final Question question;
  private final int peers;
  private final int operations;
  private final int rarer;
  private final boolean undisturbed;
  private final Candidate candidate;
  private final Map<Integer, Row> rows = new LinkedHashMap<>();

  /** How two threads ask, of which nobody writes. */
  static Scaling asking(Candidate candidate) {
    String title = "asking, cooling, 1,000 peers, throughput of " + candidate.title;
    return new Scaling(title, Question.COOLING, 1_000, 20_000, 1, true, candidate);
  }

  /** How threads record failures of one and the same peer. */
  static Scaling failingOnePeer(Candidate candidate) {
    String title = "recording failures of one hot peer, throughput of " + candidate.title;
    return new Scaling(title, Question.FAIL, 1, 40_000, 10, false, candidate);
  }

  private Scaling(
      String title,
      Question question,
      int peers,
      int operations,
      int rarer,
      boolean undisturbed,
      Candidate candidate) {
    this.title = title;
    this.question = question;
    this.peers = peers;
    this.operations = operations;
    this.rarer = rarer;
    this.undisturbed = undisturbed;
    this.candidate = candidate;
  }

  /** Adds a number of threads; without a limit the row is shown only. */
  Scaling with(int threads, @Nullable Double atLeast) {
    String name = title + ", " + threads + " threads / 1";
    rows.put(threads, atLeast == null ? Row.shown(name) : Row.atLeast(atLeast, name));
    return this;
  }

  @Override
  public List<Row> rows() {
    return new ArrayList<>(rows.values());
  }

  @Override
  public void run(List<Row> wanted, Settings settings, Consumer<Sample> samples) {
    Peers made = Peers.of(peers);
    Contender<String> asked = candidate.create();
    question.prepare(made, List.of(asked));
    rows.forEach((threads, row) -> {
      if (wanted.contains(row)) {
        try (Crew crew = new Crew(threads)) {
          samples.accept(Sample.of(row, ratios(crew, threads, asked, made, settings)));
        }
      }
    });
  }

  private double[] ratios(
      Crew crew, int threads, Contender<String> asked, Peers made, Settings settings) {
    List<Work> together = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      together.add(Work.of(asked, question, made, i * (operations / threads)));
    }
    List<Work> alone = List.of(Work.of(asked, question, made, 0));
    Random random = new Random(1);
    int slices = Math.max(1, settings.slices() / rarer);
    int warmUp = Math.max(1, slices / 4);
    DoubleStream.Builder ratios = DoubleStream.builder();
    for (int i = -warmUp; i < slices; i++) {
      boolean aloneFirst = random.nextBoolean();
      Crew.Time one = aloneFirst ? crew.time(alone, operations) : null;
      Crew.Time all = crew.time(together, operations / threads);
      if (one == null) {
        one = crew.time(alone, operations);
      }
      if (i >= 0 && (!undisturbed || (one.undisturbed() && all.undisturbed()))) {
        ratios.add(one.nanos() / all.nanos());
      }
    }
    return ratios.build().toArray();
  }
}
