/**
 * Remembers which peers are failing and tells every thread how long to leave each one alone.
 *
 * <p>Start at {@link io.github.bytesandbrains.backoff.ConcurrentBackoffTable}.
 */
module io.github.bytesandbrains.backoff {
  requires com.github.benmanes.caffeine;
  requires static transitive micrometer.core;
  requires static transitive org.jspecify;

  exports io.github.bytesandbrains.backoff;
  exports io.github.bytesandbrains.backoff.micrometer;
}
