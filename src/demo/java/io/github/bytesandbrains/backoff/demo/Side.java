package io.github.bytesandbrains.backoff.demo;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One of those that are compared.
 *
 * @param policies makes a policy for each worker
 * @param findings those about its table, if it has one
 */
record Side(String name, Supplier<Policy> policies, Optional<Findings> findings) {
  static final Side WITHOUT_TABLE =
      new Side("without table", () -> Policy.WITHOUT_TABLE, Optional.empty());

  /** Returns a side that acquires permits: at the end of a cooldown one worker probes the peer. */
  static Side tryAcquire(ConcurrentBackoffTable<Peer> table) {
    return audited("tryAcquire", table, TryAcquirePolicy::new);
  }

  /** Returns a side that only asks: at the end of a cooldown all workers are told "yes". */
  static Side shouldRetry(ConcurrentBackoffTable<Peer> table) {
    return audited("shouldRetry", table, ShouldRetryPolicy::new);
  }

  private static Side audited(
      String name,
      ConcurrentBackoffTable<Peer> table,
      Function<ConcurrentBackoffTable<Peer>, Policy> policy) {
    Findings findings = new Findings(table);
    return new Side(name, () -> new Auditor(policy.apply(table), findings), Optional.of(findings));
  }

  /** Looks at the table, if there is one. */
  @Nullable
  Cooling cooling() {
    return findings.map(Findings::table).map(Cooling::of).orElse(null);
  }
}
