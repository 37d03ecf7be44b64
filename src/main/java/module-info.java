/**
 * Remembers which peers are failing and how long each one must be left alone.
 *
 * <p>Start at {@link io.github.bytesandbrains.backoff.ConcurrentBackoffTable}.
 */
module io.github.bytesandbrains.backoff {
  requires com.github.benmanes.caffeine;
  requires static com.fasterxml.jackson.annotation; // for the health of Spring Boot
  requires static io.grpc;
  requires static java.net.http;
  requires static lettuce.core;
  requires static micrometer.core;
  requires static org.jspecify;
  requires static spring.beans;
  requires static spring.boot;
  requires static spring.boot.actuator;
  requires static spring.boot.actuator.autoconfigure;
  requires static spring.boot.autoconfigure;
  requires static spring.boot.health;
  requires static spring.context;
  requires static spring.core;
  requires static spring.data.redis;

  exports io.github.bytesandbrains.backoff;
  exports io.github.bytesandbrains.backoff.grpc;
  exports io.github.bytesandbrains.backoff.http;
  exports io.github.bytesandbrains.backoff.micrometer;
  exports io.github.bytesandbrains.backoff.redis;
  exports io.github.bytesandbrains.backoff.snapshot;
  exports io.github.bytesandbrains.backoff.spring;

  opens io.github.bytesandbrains.backoff.spring; // to Spring, and to what writes its answers
}
