package io.github.bytesandbrains.backoff;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One question to this library and to each opponent, about so many peers. */
final class Contest implements Experiment {
  private final Question question;
  private final int peers;
  private final Map<Candidate, Row> rows = new LinkedHashMap<>();

  Contest(Question question, int peers) {
    this.question = question;
    this.peers = peers;
  }

  /** Adds an opponent; without a limit the row is shown only. */
  Contest against(Candidate opponent, @Nullable Double atMost) {
    String name = name(question, peers, opponent);
    rows.put(opponent, atMost == null ? Row.shown(name) : Row.atMost(atMost, name));
    return this;
  }

  static String name(Question question, int peers, Candidate opponent) {
    return String.format(Locale.ROOT, "%s, %,d peers / %s", question.title, peers, opponent.title);
  }

  @Override
  public List<Row> rows() {
    return new ArrayList<>(rows.values());
  }

  /** Once where nothing is judged. */
  @Override
  public int forks(int wanted) {
    return rows.values().stream().allMatch(row -> row.limit() == null) ? 1 : wanted;
  }

  /**
   * Goes through all opponents once, with few peers, before any is measured: compiled code is shaped by
   * what has run until then, and who comes first should not have another than who comes last.
   */
  @Override
  public void run(List<Row> wanted, Settings settings, Consumer<Sample> samples) {
    Peers few = Peers.of(settings.peers(Experiments.FEW));
    rows.forEach((opponent, row) -> compare(opponent, row, few, settings));
    Peers made = Peers.of(settings.peers(peers));
    rows.forEach((opponent, row) -> {
      if (wanted.contains(row)) {
        samples.accept(compare(opponent, row, made, settings));
      }
    });
  }

  private Sample compare(Candidate opponent, Row row, Peers made, Settings settings) {
    Contender<String> table = new Table<>();
    Contender<String> other = opponent.create();
    question.prepare(made, List.of(table, other));
    int lap = question.sequence(made).length;
    Work ours = Work.of(table, question, made, 0);
    Work theirs = Work.of(other, question, made, lap / 2);
    return new Interleaved(settings).compare(row, ours, theirs, lap);
  }
}
