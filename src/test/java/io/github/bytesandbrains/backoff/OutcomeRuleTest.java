package io.github.bytesandbrains.backoff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** The rule of outcomes in {@link Permit}, with slow, late and concurrent sends. */
final class OutcomeRuleTest {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private final FakeClock clock = new FakeClock();
  private final ConcurrentBackoffTable<String> table =
      ConcurrentBackoffTable.builder().nanoTime(clock).build();

  private Permit acquire() {
    return table.tryAcquire("a").orElseThrow();
  }

  private int attempts() {
    return table.state("a").map(BackoffState::attempts).orElse(0);
  }

  /** A send in flight, and when it ends. */
  private record InFlight(Permit permit, long endsAt) {}

  @Test
  void slowHealthyPeer_firstAnswer_makesItUntracked() {
    long start = clock.getAsLong();
    table.recordFailure("a");
    Queue<InFlight> inFlight = new ArrayDeque<>();
    int sent = 0;
    int counted = 0;
    int deniedAfterTheFirstAnswer = 0;

    for (int second = 1; second <= 600; second++) {
      clock.set(start + second * SECOND);
      long now = clock.getAsLong();
      while (!inFlight.isEmpty() && inFlight.element().endsAt <= now) {
        counted += inFlight.remove().permit.recordSuccess() ? 1 : 0;
      }
      Permit permit = table.tryAcquire("a").orElse(null);
      if (permit != null) {
        sent++;
        inFlight.add(new InFlight(permit, now + 12 * SECOND));
      } else if (second >= 13) {
        deniedAfterTheFirstAnswer++;
      }
    }

    assertThat(table.isEmpty()).isTrue();
    assertThat(deniedAfterTheFirstAnswer).isZero();
    // At second 1, at second 11 when the lease has expired, and each second from 13 on.
    assertThat(sent).isEqualTo(2 + 588);
    // All that ended except the second probe, which began before the success of the first.
    assertThat(counted).isEqualTo(1 + 576);
    assertThat(table.stats().staleOutcomes()).isEqualTo(1);
  }

  @Test
  void peerThatHangs_eachLeaseChain_raisesAttemptsToTheCap() {
    long start = clock.getAsLong();
    table.recordFailure("a");
    Queue<InFlight> inFlight = new ArrayDeque<>();
    int mostInFlight = 0;

    for (int second = 1; second <= 3_600; second++) {
      clock.set(start + second * SECOND);
      long now = clock.getAsLong();
      while (!inFlight.isEmpty() && inFlight.element().endsAt <= now) {
        inFlight.remove().permit.recordFailure();
      }
      table.tryAcquire("a").ifPresent(p -> inFlight.add(new InFlight(p, now + 30 * SECOND)));
      mostInFlight = Math.max(mostInFlight, inFlight.size());
    }

    assertThat(attempts()).isGreaterThan(14);
    assertThat(table.stats().failureDelays()).isGreaterThan(Duration.ofMinutes(20));
    assertThat(mostInFlight).as("the default lease is a third of the timeout").isEqualTo(3);
    assertThat(table.remaining("a")).isLessThanOrEqualTo(Duration.ofSeconds(60));
  }

  @Test
  void sendsFromBeforeTheOutage_failingAfterTheRecovery_areStale() {
    ConcurrentBackoffTable<String> slow = ConcurrentBackoffTable.builder()
        .schedule(BackoffSchedule.exponential(Duration.ofSeconds(5), Duration.ofSeconds(60)))
        .nanoTime(clock)
        .build();
    List<Permit> permits = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      permits.add(slow.tryAcquire("a").orElseThrow());
    }
    assertThat(permits.remove(0).recordFailure()).isTrue();
    clock.advance(Duration.ofSeconds(5));
    assertThat(slow.tryAcquire("a").orElseThrow().recordSuccess()).isTrue();

    int denied = 0;
    for (int second = 6; second < 90; second++) {
      clock.advance(Duration.ofSeconds(1));
      denied += slow.shouldRetry("a") ? 0 : 1;
      if (second >= 30 && second % 2 == 0 && !permits.isEmpty()) {
        assertThat(permits.remove(0).recordFailure()).isFalse();
      }
    }

    assertThat(permits).isEmpty();
    assertThat(denied).isZero();
    assertThat(slow.stats().failures()).isEqualTo(1);
    assertThat(slow.stats().staleOutcomes()).isEqualTo(19);
  }

  @Test
  void staleAdvisory_afterAFailure_postpones() {
    Permit first = acquire();
    Permit second = acquire();
    first.recordFailure();

    assertThat(second.recordRemoteAdvisory(Duration.ofSeconds(30))).isFalse();

    assertThat(table.remaining("a")).isEqualTo(Duration.ofSeconds(30));
    assertThat(attempts()).isEqualTo(1);
    assertThat(table.stats().staleAdvisories()).isEqualTo(1);
    assertThat(table.stats().staleOutcomes()).isEqualTo(1);
    assertThat(table.stats().advisories()).isZero();
  }

  @Test
  void staleAdvisory_afterAShorterOne_postpones() {
    Permit first = acquire();
    Permit second = acquire();
    Permit third = acquire();
    first.recordRemoteAdvisory(Duration.ofSeconds(1));
    second.recordRemoteAdvisory(Duration.ofSeconds(30));

    assertThat(table.remaining("a")).isEqualTo(Duration.ofSeconds(30));
    assertThat(third.recordRemoteAdvisory(Duration.ofHours(1))).isFalse();
    assertThat(table.remaining("a")).as("within the maximum").isEqualTo(Duration.ofSeconds(60));
    assertThat(attempts()).isEqualTo(1);
    assertThat(table.stats().staleAdvisories()).isEqualTo(2);
    assertThat(table.stats().clampedAdvisories()).isEqualTo(1);
  }

  @Test
  void staleAdvisory_afterTheRecovery_postponesWithoutAttempts() {
    Permit early = acquire();
    table.recordFailure("a");
    table.recordSuccess("a");

    assertThat(early.recordRemoteAdvisory(Duration.ofSeconds(30))).isFalse();

    assertThat(table.remaining("a")).isEqualTo(Duration.ofSeconds(30));
    assertThat(attempts()).isZero();
  }

  @Test
  @SuppressWarnings("try") // the catch clause uses the permit after it is closed
  void tryWithResources_failureInItsCatchClause_counts() {
    for (int i = 1; i <= 5; i++) {
      Permit permit = acquire();
      try (permit) {
        throw new InterruptedIOException("refused");
      } catch (InterruptedIOException e) {
        assertThat(permit.recordFailure()).isTrue();
      }
      assertThat(attempts()).isEqualTo(i);
      clock.advance(Duration.ofSeconds(1));
    }
    assertThat(table.stats().failures()).isEqualTo(5);
  }

  @Test
  void callAsync_underATimeout_isTrackedAndThenDenied() {
    ConcurrentBackoffTable<String> real = ConcurrentBackoffTable.builder()
        .schedule(BackoffSchedule.exponential(Duration.ofHours(1), Duration.ofHours(1)))
        .build();
    int sent = 0;
    for (int i = 0; i < 50; i++) {
      CompletableFuture<String> future =
          real.<String>callAsync("a", CompletableFuture::new).orTimeout(2, TimeUnit.MILLISECONDS);
      sent +=
          future.handle((pong, thrown) -> thrown instanceof TimeoutException).join() ? 1 : 0;
      Awaitility.await() // a timeout is recorded after the future has completed
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(1))
          .until(() -> !real.isEmpty());
    }

    assertThat(sent).isEqualTo(1);
    assertThat(real.state("a").orElseThrow().attempts()).isEqualTo(1);
    assertThat(real.stats().denied()).isEqualTo(49);
  }

  @Test
  void call_clientsTimeout_isAFailure() {
    for (int i = 1; i <= 5; i++) {
      assertThatThrownBy(() -> table.call("a", () -> {
            throw new InterruptedIOException("timeout");
          }))
          .isInstanceOf(InterruptedIOException.class);
      assertThat(attempts()).isEqualTo(i);
      clock.advance(Duration.ofSeconds(1));
    }
  }

  @Test
  void call_withinACall_doesNotBlameTheGatewayForTheBackend() {
    table.recordFailure("backend");

    assertThatThrownBy(() -> table.call("gateway", () -> table.call("backend", () -> "pong")))
        .isInstanceOf(PeerCoolingException.class);

    assertThat(table.state("gateway")).isEmpty();
  }

  @Test
  void recordFailure_afterAnIdleDay_startsAtOneAttempt() {
    for (int i = 0; i < 14; i++) {
      table.recordFailure("a");
    }
    clock.advance(Duration.ofDays(1));

    table.recordFailure("a");

    assertThat(attempts()).isEqualTo(1);
    assertThat(table.remaining("a")).isEqualTo(Duration.ofMillis(10));
  }

  @Test
  void recordFailure_anotherRecoverySinceThePermit_isStale() {
    table.recordFailure("a");
    table.recordSuccess("a");
    Permit permit = acquire();
    table.recordFailure("a");
    table.recordSuccess("a");

    assertThat(permit.recordFailure()).isFalse();
    assertThat(table.isEmpty()).isTrue();
  }
}
