/**
 * Remembers which peers are failing and how long each one must be left alone.
 *
 * <p>Start at {@link io.github.bytesandbrains.backoff.ConcurrentBackoffTable}.
 */
module io.github.bytesandbrains.backoff {
  requires com.github.benmanes.caffeine;
  requires static io.grpc;
  requires static java.net.http;
  requires static lettuce.core;
  requires static micrometer.core;
  requires static org.jspecify;

  exports io.github.bytesandbrains.backoff;
  exports io.github.bytesandbrains.backoff.grpc;
  exports io.github.bytesandbrains.backoff.http;
  exports io.github.bytesandbrains.backoff.micrometer;
  exports io.github.bytesandbrains.backoff.redis;
  exports io.github.bytesandbrains.backoff.snapshot;
}
