package io.github.bytesandbrains.backoff;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;

/**
 * The throughput of several threads by that of one, for the same operations in all, neighbouring
 * slices of both. Where the threads should not be in each other's way, only slices count beside which
 * threads that share nothing, each with a contender of its own, had nearly the throughput of so many: others
 * show how busy the machine is, or that its processors are two halves of one.
 */
final class Scaling implements Experiment {
  /** The throughput of threads that share nothing, by that of as many machines, in slices that count. */
  private static final double WHOLE = 0.95;

  private final String title;
  private final Question question;
  private final int peers;
  private final int operations;
  private final int rarer;
  private final boolean independent;
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
      boolean independent,
      Candidate candidate) {
    this.title = title;
    this.question = question;
    this.peers = peers;
    this.operations = operations;
    this.rarer = rarer;
    this.independent = independent;
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
    Contender<String> asked = prepared(made);
    rows.forEach((threads, row) -> {
      if (wanted.contains(row)) {
        Pace shared = new Pace(threads, i -> asked, made);
        Pace apart = independent ? new Pace(threads, i -> prepared(made), made) : null;
        try (Crew crew = new Crew(threads)) {
          samples.accept(Sample.of(row, ratios(crew, shared, apart, settings)));
        }
      }
    });
  }

  private Contender<String> prepared(Peers made) {
    Contender<String> contender = candidate.create();
    question.prepare(made, List.of(contender));
    return contender;
  }

  private double[] ratios(Crew crew, Pace shared, @Nullable Pace apart, Settings settings) {
    int slices = Math.max(1, settings.slices() / rarer);
    int warmUp = Math.max(1, slices / 4);
    DoubleStream.Builder ratios = DoubleStream.builder();
    for (int i = -warmUp; i < slices; i++) {
      double most = apart == null ? 1 : apart.ratio(crew) / apart.together.size();
      double ratio = shared.ratio(crew);
      if (i >= 0 && most >= WHOLE) {
        ratios.add(ratio);
      }
    }
    return ratios.build().toArray();
  }

  /** The same operations by one thread and by several. */
  private final class Pace {
    private final Random random = new Random(1);
    private final List<Work> alone;
    private final List<Work> together = new ArrayList<>();

    Pace(int threads, IntFunction<Contender<String>> contenders, Peers made) {
      for (int i = 0; i < threads; i++) {
        together.add(Work.of(contenders.apply(i), question, made, i * (operations / threads)));
      }
      alone = List.of(Work.of(contenders.apply(0), question, made, 0));
    }

    double ratio(Crew crew) {
      boolean aloneFirst = random.nextBoolean();
      double one = aloneFirst ? crew.nanos(alone, operations) : 0;
      double all = crew.nanos(together, operations / together.size());
      return (aloneFirst ? one : crew.nanos(alone, operations)) / all;
    }
  }
}
