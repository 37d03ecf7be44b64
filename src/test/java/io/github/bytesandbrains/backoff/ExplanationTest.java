package io.github.bytesandbrains.backoff;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** What {@link ConcurrentBackoffTable#explain} says. */
final class ExplanationTest {
  private final FakeClock clock = new FakeClock();
  private final BackoffSchedule tenToSixty =
      BackoffSchedule.exponential(Duration.ofSeconds(10), Duration.ofSeconds(60));

  private ConcurrentBackoffTable<String> table(BackoffSchedule schedule) {
    return ConcurrentBackoffTable.builder()
        .schedule(schedule)
        .maxAdvisory(Duration.ofNanos(Long.MAX_VALUE))
        .nanoTime(clock)
        .build();
  }

  @Test
  void explain_unknownPeer_notTracked() {
    assertThat(table(tenToSixty).explain("a")).isEqualTo("not tracked");
  }

  @Test
  void explain_failed_theSchedule() {
    ConcurrentBackoffTable<String> table = table(tenToSixty);
    table.recordFailure("a");
    table.recordFailure("a");
    clock.advance(Duration.ofMillis(1500));

    assertThat(table.explain("a"))
        .isEqualTo(table.explain("a", clock.getAsLong()))
        .isEqualTo("attempts 2, cooling for another PT18.5S, imposed PT1.5S ago by the schedule");
  }

  @Test
  void explain_due_sinceWhen() {
    ConcurrentBackoffTable<String> table = table(tenToSixty);
    table.recordFailure("a");
    clock.advance(Duration.ofSeconds(11));

    assertThat(table.explain("a"))
        .isEqualTo("attempts 1, due for PT1S, imposed PT11S ago by the schedule");
  }

  @Test
  void explain_advised_anAdvisory() {
    ConcurrentBackoffTable<String> table = table(tenToSixty);
    table.recordRemoteAdvisory("a", Duration.ofSeconds(30));
    clock.advance(Duration.ofSeconds(10));

    assertThat(table.explain("a"))
        .isEqualTo("attempts 1, cooling for another PT20S, imposed PT10S ago by an advisory");
  }

  @Test
  void explain_never_forever() {
    ConcurrentBackoffTable<String> table = table(tenToSixty);
    table.recordRemoteAdvisory("a", 1, Long.MAX_VALUE);

    assertThat(table.explain("a", 1))
        .isEqualTo("attempts 1, cooling forever, imposed PT0S ago by an advisory");
  }

  @Test
  void explain_probeInFlight_theLease() {
    ConcurrentBackoffTable<String> table = table(tenToSixty);
    table.recordFailure("a");
    clock.advance(Duration.ofSeconds(10));
    Permit probe = table.tryAcquire("a").orElseThrow();
    clock.advance(Duration.ofSeconds(3));

    assertThat(table.explain("a"))
        .isEqualTo(
            "attempts 1, cooling for another PT7S, imposed PT3S ago by the lease of a probe");
    probe.recordFailure();
    assertThat(table.explain("a"))
        .isEqualTo("attempts 2, cooling for another PT20S, imposed PT0S ago by the schedule");
  }

  @Test
  void explain_probeThatNeverReports_theExpiredLease() {
    ConcurrentBackoffTable<String> table = table(tenToSixty);
    table.recordFailure("a");
    clock.advance(Duration.ofSeconds(10));
    assertThat(table.tryAcquire("a")).isPresent();
    clock.advance(Duration.ofSeconds(12));

    assertThat(table.explain("a"))
        .isEqualTo("attempts 1, due for PT2S, imposed PT12S ago by the lease of a probe");
  }

  @Test
  void explain_jitter_recognizesOnlyALongerAdvisory() {
    ConcurrentBackoffTable<String> table = table(tenToSixty.withJitter(Jitter.full()));
    table.recordFailure("a");
    table.recordRemoteAdvisory("b", Duration.ofSeconds(5));
    table.recordRemoteAdvisory("c", Duration.ofSeconds(11));

    assertThat(table.explain("a")).endsWith(" ago by the schedule or an advisory");
    assertThat(table.explain("b")).endsWith(" ago by the schedule or an advisory");
    assertThat(table.explain("c")).endsWith(" ago by an advisory");
  }

  @Test
  void explain_jitteredDelayThatEqualsTheSchedule_mayBeEither() {
    ConcurrentBackoffTable<String> table = table(tenToSixty.withJitter(Jitter.none()));
    table.recordFailure("a");

    assertThat(table.explain("a")).endsWith(" ago by the schedule or an advisory");
  }

  @Test
  void explain_customScheduleWithJitter_mayBeEither() {
    BackoffSchedule own = attempts -> 7;
    ConcurrentBackoffTable<String> table = table(own.withJitter(Jitter.none()));
    table.recordRemoteAdvisory("a", Duration.ZERO);

    assertThat(table.explain("a")).endsWith(" ago by the schedule or an advisory");
  }

  @Test
  void explain_customSchedule_isNotCalled() {
    AtomicBoolean built = new AtomicBoolean();
    ConcurrentBackoffTable<String> table = table(attempts -> {
      if (built.get()) {
        throw new IllegalStateException("asked");
      }
      return 5;
    });
    built.set(true);
    table.restoreState("a", new BackoffState(2, clock.getAsLong(), clock.getAsLong() + 9));

    assertThat(table.explain("a"))
        .isEqualTo("attempts 2, cooling for another PT0.000000009S, imposed PT0S ago by"
            + " the schedule or an advisory");
  }

  @Test
  void explain_restoredWithoutAttempts_anAdvisory() {
    ConcurrentBackoffTable<String> table = table(tenToSixty);
    table.restoreState("a", new BackoffState(0, 100, 50));

    assertThat(table.explain("a", 70))
        .isEqualTo("attempts 0, due for PT0.00000002S, imposed PT0S ago by an advisory");
  }

  @Test
  void maxDelay_isTheSchedules() {
    assertThat(table(tenToSixty).maxDelay()).isEqualTo(Duration.ofSeconds(60));
    assertThat(table(attempts -> Long.MAX_VALUE).maxDelay())
        .isEqualTo(Duration.ofNanos(Long.MAX_VALUE));
  }

  @Test
  void explain_postponedOrExpedited_theVerbs() {
    ConcurrentBackoffTable<String> table = table(tenToSixty);
    table.postpone("a", Duration.ofSeconds(30));
    clock.advance(Duration.ofSeconds(1));

    assertThat(table.explain("a"))
        .isEqualTo(
            "attempts 0, cooling for another PT29S, imposed PT1S ago by postpone or expedite");
    table.recordFailure("b");
    assertThat(table.expedite("b")).isTrue();
    assertThat(table.explain("b"))
        .isEqualTo("attempts 1, due for PT0S, imposed PT0S ago by postpone or expedite");
  }

  @Test
  void explain_postponedWhileAProbeIsInFlight_whatLastsLonger() {
    ConcurrentBackoffTable<String> table = table(tenToSixty);
    table.recordFailure("a");
    clock.advance(Duration.ofSeconds(10));
    assertThat(table.tryAcquire("a")).isPresent();

    table.postpone("a", Duration.ofSeconds(9));
    assertThat(table.explain("a"))
        .endsWith("cooling for another PT10S, imposed PT0S ago by the lease of a probe");
    table.postpone("a", Duration.ofSeconds(11));
    assertThat(table.explain("a"))
        .endsWith("cooling for another PT11S, imposed PT0S ago by postpone or expedite");
  }

  @Test
  void explain_recovered_notTracked() {
    ConcurrentBackoffTable<String> table = table(tenToSixty);
    table.recordFailure("a");
    table.recordSuccess("a");

    assertThat(table.explain("a")).isEqualTo("not tracked");
  }
}
