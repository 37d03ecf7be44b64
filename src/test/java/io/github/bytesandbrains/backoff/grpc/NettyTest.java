package io.github.bytesandbrains.backoff.grpc;

import static io.github.bytesandbrains.backoff.grpc.TestService.answering;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.bytesandbrains.backoff.BackoffState;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.FakeClock;
import io.github.bytesandbrains.backoff.Threads;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Calls over sockets on 127.0.0.1, to servers that are not there, die or come back. */
final class NettyTest {
  private static final String PEER = "greeter.example";
  static final List<MethodType> TYPES = TestService.TYPES;
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
  private static final int CALLS = 64;

  /** It reports trailers that come after a message that was too large; held, or it is collected. */
  private static final Logger TRAILERS = Logger.getLogger("io.grpc.internal.AbstractClientStream");

  private final FakeClock clock = new FakeClock();
  private final ConcurrentBackoffTable<String> table =
      ConcurrentBackoffTable.builder().nanoTime(clock).build();
  private final TestService service = new TestService();
  private final Heard heard = new Heard();
  private Server server;
  private ManagedChannel channel;

  @BeforeAll
  static void silence() {
    TRAILERS.setLevel(Level.WARNING);
  }

  @BeforeEach
  void start() throws IOException {
    server = serve(0);
    channel = connect(server.getPort()); // with the first call
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    server.shutdownNow();
  }

  private Server serve(int port) throws IOException {
    return NettyServerBuilder.forAddress(new InetSocketAddress(LOOPBACK, port))
        .addService(service.definition())
        .build()
        .start();
  }

  private ManagedChannel connect(int port) {
    return NettyChannelBuilder.forAddress(new InetSocketAddress(LOOPBACK, port))
        .overrideAuthority(PEER)
        .usePlaintext()
        .intercept(BackoffClientInterceptor.of(table))
        .build();
  }

  private void reconnect(int port) {
    channel.shutdownNow();
    channel = connect(port);
  }

  private Code call(MethodType type) throws Exception {
    Heard listener = new Heard();
    start(type, listener, CallOptions.DEFAULT);
    return listener.status().getCode();
  }

  private void start(MethodType type, Heard listener, CallOptions callOptions) {
    TestService.call(channel, type, callOptions, listener);
  }

  private int attempts() {
    return table.state(PEER).map(BackoffState::attempts).orElse(0);
  }

  /** The peer is due again. */
  private void advance() {
    clock.advance(table.remaining(PEER));
  }

  @ParameterizedTest
  @FieldSource("TYPES")
  void call_answered_isASuccess(MethodType type) throws Exception {
    table.recordFailure(PEER);
    advance();

    assertThat(call(type)).isEqualTo(Code.OK);
    assertThat(table.isEmpty()).isTrue();
  }

  @ParameterizedTest
  @FieldSource("TYPES")
  void call_refused_isAFailure(MethodType type) throws Exception {
    try (Socket deaf = new Socket()) { // has a port, but does not listen
      deaf.bind(new InetSocketAddress(LOOPBACK, 0));
      reconnect(deaf.getLocalPort());

      assertThat(call(type)).isEqualTo(Code.UNAVAILABLE);
      assertThat(attempts()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @FieldSource("TYPES")
  void call_resetWhileItRuns_isAFailure(MethodType type) throws Exception {
    service.handler = service::hold;
    try (CutConnection connection = new CutConnection(server.getPort())) {
      reconnect(connection.port());
      start(type, heard, CallOptions.DEFAULT);
      assertThat(service.held.poll(10, TimeUnit.SECONDS)).isNotNull();

      connection.reset();

      assertThat(heard.status().getCode()).isEqualTo(Code.UNAVAILABLE);
      assertThat(attempts()).isEqualTo(1);
    }
  }

  @Test
  void stream_resetAfterTheFirstMessage_isASuccessAndThenAFailure() throws Exception {
    service.handler = service::hold;
    try (CutConnection connection = new CutConnection(server.getPort())) {
      reconnect(connection.port());
      table.recordFailure(PEER);
      advance();
      start(MethodType.SERVER_STREAMING, heard, CallOptions.DEFAULT);
      service.held.take().sendMessage("one");
      await().until(() -> heard.messages.size() == 1);
      assertThat(table.isEmpty()).isTrue();

      connection.reset();

      assertThat(heard.status().getCode()).isEqualTo(Code.UNAVAILABLE);
      assertThat(attempts()).isEqualTo(1);
      assertThat(table.stats().successes()).isEqualTo(1);
    }
  }

  @Test
  void call_serverIsShutDownGracefully_isHeardAndTheNextOneFails() throws Exception {
    service.handler = service::hold;
    start(MethodType.UNARY, heard, CallOptions.DEFAULT);
    var held = service.held.take();

    server.shutdown();
    held.sendMessage("hello");
    held.close(Status.OK, new Metadata());

    assertThat(heard.status().isOk()).isTrue();
    assertThat(table.isEmpty()).isTrue();
    server.awaitTermination();
    assertThat(call(MethodType.UNARY)).isEqualTo(Code.UNAVAILABLE);
    assertThat(attempts()).isEqualTo(1);
  }

  @Test
  void call_serverIsShutDownAtOnce_isOneFailureWithTheNextCallAtTheLatest() throws Exception {
    service.handler = service::hold;
    start(MethodType.UNARY, heard, CallOptions.DEFAULT);
    service.held.take();

    server.shutdownNow();

    // Mostly the server resets the stream with CANCEL, which says nothing; a race in gRPC.
    assertThat(heard.status().getCode()).isIn(Code.CANCELLED, Code.UNAVAILABLE);
    assertThat(attempts()).isEqualTo(heard.status().getCode() == Code.CANCELLED ? 0 : 1);
    server.awaitTermination();
    assertThat(call(MethodType.UNARY)).isEqualTo(Code.UNAVAILABLE);
    assertThat(attempts()).isEqualTo(1);
  }

  @Test
  void call_messageTooLarge_isReleased() throws Exception {
    service.handler = answering(Status.OK, "x".repeat(1_000));
    BackoffState before = table.recordFailure(PEER);
    advance();

    start(MethodType.UNARY, heard, CallOptions.DEFAULT.withMaxInboundMessageSize(10));

    assertThat(heard.status().getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
    assertThat(table.state(PEER)).containsSame(before);
    assertThat(table.isProbing(PEER)).isFalse();
  }

  @Test
  void call_channelThatTheCallerShutsDown_isNoFailure() throws Exception {
    service.handler = service::hold;
    start(MethodType.UNARY, heard, CallOptions.DEFAULT);

    channel.shutdownNow();

    assertThat(heard.status().getCode()).isEqualTo(Code.UNAVAILABLE);
    assertThat(call(MethodType.UNARY)).isEqualTo(Code.UNAVAILABLE);
    assertThat(table.isEmpty()).isTrue();
  }

  @Test
  void call_trailersOverTheWire_areAnAdvisory() throws Exception {
    service.handler = answering(Status.UNAVAILABLE, TestService.details(Details.retryInfo(30, 0)));

    assertThat(call(MethodType.UNARY)).isEqualTo(Code.UNAVAILABLE);
    assertThat(table.remaining(PEER)).isEqualTo(Duration.ofSeconds(30));
  }

  @Test
  void call_deadlineOfAHangingServer_isAFailure() throws Exception {
    service.handler = service::hold;

    start(
        MethodType.UNARY, heard, CallOptions.DEFAULT.withDeadlineAfter(200, TimeUnit.MILLISECONDS));

    assertThat(heard.status().getCode()).isEqualTo(Code.DEADLINE_EXCEEDED);
    assertThat(attempts()).isEqualTo(1);
  }

  @Test
  void calls_manyWhenTheServerDies_areOneStepAndThenOneProbe() throws Exception {
    service.handler = service::hold;
    try (CutConnection connection = new CutConnection(server.getPort())) {
      reconnect(connection.port());
      List<Heard> inFlight = startMany();
      await().until(() -> service.calls.get() == CALLS);

      connection.reset();

      assertAllUnavailable(inFlight);
      assertThat(attempts()).isEqualTo(1);
      assertThat(table.stats().failures()).isEqualTo(1);
      assertThat(table.stats().staleOutcomes()).isEqualTo(CALLS - 1);

      advance();
      assertAllUnavailable(startMany());
      assertThat(attempts()).isEqualTo(2);
      assertThat(table.stats().probes()).isEqualTo(1);
      assertThat(table.stats().denied()).isEqualTo(CALLS - 1);
    }
  }

  private List<Heard> startMany() throws Exception {
    List<Heard> started = Stream.generate(Heard::new).limit(CALLS).toList();
    Threads.race(
        CALLS, thread -> start(MethodType.UNARY, started.get(thread), CallOptions.DEFAULT));
    return started;
  }

  private static void assertAllUnavailable(List<Heard> calls) throws Exception {
    for (Heard call : calls) {
      assertThat(call.status().getCode()).isEqualTo(Code.UNAVAILABLE);
    }
  }

  @Test
  void call_serverComesBack_isASuccess() throws Exception {
    int port = server.getPort();
    server.shutdownNow().awaitTermination();
    assertThat(call(MethodType.UNARY)).isEqualTo(Code.UNAVAILABLE);

    server = serve(port);
    channel.resetConnectBackoff();
    await().untilAsserted(() -> {
      table.expedite(PEER);
      assertThat(call(MethodType.UNARY)).isEqualTo(Code.OK);
    });

    assertThat(table.isEmpty()).isTrue();
  }
}
