package io.github.bytesandbrains.backoff.http;

import io.github.bytesandbrains.backoff.BackoffSchedule;
import io.github.bytesandbrains.backoff.BackoffState;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.FakeClock;
import java.net.URI;
import java.time.Duration;

/** A table of origins on a clock that the test moves: 1 s doubling to 60 s, advisories to 1 h. */
final class Origins {
  static final Duration MAX_ADVISORY = Duration.ofHours(1);

  final FakeClock clock = new FakeClock();
  final ConcurrentBackoffTable<String> table = ConcurrentBackoffTable.builder()
      .schedule(BackoffSchedule.exponential(Duration.ofSeconds(1), Duration.ofSeconds(60)))
      .maxAdvisory(MAX_ADVISORY)
      .probeLease(Duration.ofSeconds(10))
      .nanoTime(clock)
      .build();

  /** After one failure whose delay is over, so that the next request is a probe. */
  void makeDue(URI uri) {
    table.recordFailure(BackoffHttpClient.origin(uri));
    clock.advance(Duration.ofSeconds(1));
  }

  /** Says what is known: {@code untracked}, {@code 1 due}, {@code 2 cooling PT30S}. */
  String known(URI uri) {
    String origin = BackoffHttpClient.origin(uri);
    BackoffState state = table.state(origin).orElse(null);
    if (state == null) {
      return "untracked";
    }
    if (table.isProbing(origin)) {
      return state.attempts() + " probing";
    }
    Duration remaining = table.remaining(origin);
    return state.attempts() + (remaining.isZero() ? " due" : " cooling " + remaining);
  }
}
