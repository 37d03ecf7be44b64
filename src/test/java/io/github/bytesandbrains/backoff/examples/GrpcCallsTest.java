package io.github.bytesandbrains.backoff.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bytesandbrains.backoff.grpc.TestService;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The recipe for gRPC. */
final class GrpcCallsTest {
  private final TestService service = new TestService();
  private final Map<String, Duration> later = new LinkedHashMap<>();
  private Server server;
  private ManagedChannel channel;
  private GrpcCalls calls;

  @BeforeEach
  void start() throws IOException {
    String name = InProcessServerBuilder.generateName();
    server = InProcessServerBuilder.forName(name)
        .directExecutor()
        .addService(service.definition())
        .build()
        .start();
    channel = GrpcCalls.channel(InProcessChannelBuilder.forName(name).directExecutor());
    calls = new GrpcCalls(
        request -> ClientCalls.blockingUnaryCall(
            channel, TestService.method(MethodType.UNARY), CallOptions.DEFAULT, request),
        later::put);
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    server.shutdownNow();
    GrpcCalls.TABLE.forget(channel.authority());
  }

  @Test
  void greet_serviceThatWorks_answers() {
    assertThat(calls.greet("Ada")).contains("hello");
    assertThat(later).isEmpty();
  }

  @Test
  void greet_serviceThatFails_throwsOnceAndThenPutsRequestsAside() {
    service.handler = TestService.answering(Status.UNAVAILABLE, TestService.pushback("20000"));

    assertThatThrownBy(() -> calls.greet("Ada"))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Code.UNAVAILABLE));
    assertThat(calls.greet("Bob")).isEmpty();
    assertThat(calls.greet("Cyd")).isEmpty();

    assertThat(service.calls).hasValue(1);
    assertThat(later).containsOnlyKeys("Bob", "Cyd");
    assertThat(later.get("Bob")).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(20));
  }
}
