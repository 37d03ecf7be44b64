package io.github.bytesandbrains.backoff.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bytesandbrains.backoff.BackoffState;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.FakeClock;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Calls to a service in this process, which runs in the thread that calls. */
abstract class InProcessCalls {
  static final String PEER = "greeter.example";
  static final List<MethodType> TYPES = TestService.TYPES;

  final FakeClock clock = new FakeClock();
  final AtomicBoolean clockFails = new AtomicBoolean();
  final ConcurrentBackoffTable<String> table =
      ConcurrentBackoffTable.builder().nanoTime(this::now).build();
  final TestService service = new TestService();
  final Heard heard = new Heard();
  private final List<ManagedChannel> channels = new ArrayList<>();
  private Server server;

  private long now() {
    if (clockFails.get()) {
      throw new IllegalStateException("no time");
    }
    return clock.getAsLong();
  }

  @BeforeEach
  void startServer() throws IOException {
    server = InProcessServerBuilder.forName(InProcessServerBuilder.generateName())
        .directExecutor()
        .addService(service.definition())
        .build()
        .start();
  }

  @AfterEach
  void stop() {
    channels.forEach(ManagedChannel::shutdownNow);
    server.shutdownNow();
  }

  Channel channel() {
    return channel(BackoffClientInterceptor.of(table));
  }

  /** A channel with interceptors, the innermost first. */
  Channel channel(ClientInterceptor... interceptors) {
    return open(builder().intercept(interceptors));
  }

  InProcessChannelBuilder builder() {
    String name = server.getListenSockets().get(0).toString();
    return InProcessChannelBuilder.forName(name).overrideAuthority(PEER).directExecutor();
  }

  Channel open(InProcessChannelBuilder builder) {
    ManagedChannel channel = builder.build();
    channels.add(channel);
    return channel;
  }

  /** Makes a call that sends one message. */
  ClientCall<String, String> call(Channel channel, MethodType type) {
    return call(channel, type, CallOptions.DEFAULT);
  }

  ClientCall<String, String> call(Channel channel, MethodType type, CallOptions callOptions) {
    return TestService.call(channel, type, callOptions, heard);
  }

  /** Makes the peer due. */
  BackoffState due() {
    BackoffState state = table.recordFailure(PEER);
    clock.advance(Duration.ofMillis(10));
    return state;
  }

  int attempts() {
    return table.state(PEER).map(BackoffState::attempts).orElse(0);
  }

  void assertProbeIsOut() {
    assertThat(table.isProbing(PEER)).isTrue();
  }

  /** Asserts that nothing was learned, and that another probe is admitted. */
  void assertReleased(BackoffState before) {
    assertThat(table.state(PEER)).containsSame(before);
    assertThat(table.isProbing(PEER)).isFalse();
    assertThat(table.shouldRetry(PEER)).isTrue();
  }

  /** The call that the service holds open. */
  ServerCall<String, String> held() throws InterruptedException {
    ServerCall<String, String> held = service.held.poll(10, TimeUnit.SECONDS);
    assertThat(held).isNotNull();
    return held;
  }

  static void start(Channel channel, MethodType type, Heard listener) {
    TestService.call(channel, type, CallOptions.DEFAULT, listener);
  }

  /** gRPC logs what a listener throws. */
  static void silently(Runnable action) {
    Logger logger = Logger.getLogger("io.grpc.internal.ClientCallImpl");
    Level level = logger.getLevel();
    logger.setLevel(Level.OFF);
    try {
      action.run();
    } finally {
      logger.setLevel(level);
    }
  }
}
