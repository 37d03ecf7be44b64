package io.github.bytesandbrains.backoff.examples;

import io.github.bytesandbrains.backoff.BackoffSchedule;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.Jitter;
import io.github.bytesandbrains.backoff.PeerCoolingException;
import io.github.bytesandbrains.backoff.grpc.BackoffClientInterceptor;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;

/**
 * Calls of gRPC that leave a failing service alone. While it is cooling, a call fails at once, and
 * its request is put aside until the delay ends.
 */
final class GrpcCalls {
  private final UnaryOperator<String> greeter;
  private final BiConsumer<String, Duration> later;

  /**
   * @param greeter stands for a method of a blocking stub
   * @param later puts a request aside for a time
   */
  GrpcCalls(UnaryOperator<String> greeter, BiConsumer<String, Duration> later) {
    this.greeter = greeter;
    this.later = later;
  }

  // quoted
  static final ConcurrentBackoffTable<String> TABLE = ConcurrentBackoffTable.builder()
      .schedule(BackoffSchedule.exponential(Duration.ofMillis(50), Duration.ofSeconds(30))
          .withJitter(Jitter.equal()))
      .probeLease(Duration.ofSeconds(10)) // longer than the deadline of a call
      .build();

  static ManagedChannel channel(ManagedChannelBuilder<?> builder) {
    return builder.intercept(BackoffClientInterceptor.of(TABLE)).build();
  }

  Optional<String> greet(String name) {
    try {
      return Optional.of(greeter.apply(name));
    } catch (StatusRuntimeException e) {
      if (e.getCause() instanceof PeerCoolingException cooling) { // nothing was sent
        later.accept(name, cooling.remaining()); // yours: calls again after that delay
        return Optional.empty();
      }
      throw e;
    }
  }
  // end
}
