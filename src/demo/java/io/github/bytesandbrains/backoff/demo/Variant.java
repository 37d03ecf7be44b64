package io.github.bytesandbrains.backoff.demo;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.demo.measure.Auditor;
import io.github.bytesandbrains.backoff.demo.network.Peer;
import io.github.bytesandbrains.backoff.demo.workload.Policy;
import org.jspecify.annotations.Nullable;

/**
 * One of the ways to send that the rehearsal compares.
 *
 * @param policy shared by all workers
 * @param auditor of its table; null if there is none
 */
public record Variant(String name, Policy policy, @Nullable Auditor auditor) {
  public static final Variant WITHOUT_TABLE =
      new Variant("without table", Policy.WITHOUT_TABLE, null);

  public static Variant tryAcquire(ConcurrentBackoffTable<Peer> table) {
    return audited("tryAcquire", new Auditor(table, new Policy.TryAcquire(table), true));
  }

  public static Variant shouldRetry(ConcurrentBackoffTable<Peer> table) {
    return audited("shouldRetry", new Auditor(table, new Policy.ShouldRetry(table), false));
  }

  private static Variant audited(String name, Auditor auditor) {
    return new Variant(name, auditor, auditor);
  }

  @Nullable
  ConcurrentBackoffTable<Peer> table() {
    return auditor == null ? null : auditor.table();
  }
}
