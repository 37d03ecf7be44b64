package io.github.bytesandbrains.backoff;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The throughput of several threads by that of one, for the same operations in all, neighbouring
 * slices of both.
 */
final class Scaling implements Experiment {
  private final String title;
  private final Question question;
  private final int peers;
  private final int operations;
  private final int rounds;
  private final Supplier<Contender<String>> contender;
  private final Map<Integer, Row> rows = new LinkedHashMap<>();

  /** How two threads ask, of which nobody writes. */
  static Scaling asking(String whom, Supplier<Contender<String>> contender) {
    String title = "asking, cooling, 1,000 peers, throughput of " + whom;
    return new Scaling(title, Question.COOLING, 1_000, 20_000, 1, contender);
  }

  /** How threads record failures of one and the same peer. */
  static Scaling failingOnePeer(String whom, Supplier<Contender<String>> contender) {
    String title = "recording failures of one hot peer, throughput of " + whom;
    return new Scaling(title, Question.FAIL, 1, 40_000, 10, contender);
  }

  private Scaling(
      String title,
      Question question,
      int peers,
      int operations,
      int rarer,
      Supplier<Contender<String>> contender) {
    this.title = title;
    this.question = question;
    this.peers = peers;
    this.operations = operations;
    this.rounds = rarer;
    this.contender = contender;
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
    Contender<String> asked = contender.get();
    question.prepare(asked, made);
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
    int slices = Math.max(1, settings.slices() / rounds);
    int warmUp = Math.max(1, slices / 4);
    double[] ratios = new double[slices];
    for (int i = -warmUp; i < slices; i++) {
      double one = 0;
      boolean first = random.nextBoolean();
      if (first) {
        one = crew.nanos(alone, operations);
      }
      double all = crew.nanos(together, operations / threads);
      if (!first) {
        one = crew.nanos(alone, operations);
      }
      if (i >= 0) {
        ratios[i] = one / all;
      }
    }
    return ratios;
  }
}
