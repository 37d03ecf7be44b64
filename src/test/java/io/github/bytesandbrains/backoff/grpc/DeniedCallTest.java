package io.github.bytesandbrains.backoff.grpc;

import static io.github.bytesandbrains.backoff.grpc.TestService.method;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.PeerCoolingException;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** What each kind of stub gets from a call that is denied. */
final class DeniedCallTest extends InProcessCalls {
  private void assertCooling(Throwable thrown) {
    Status status = Status.fromThrowable(thrown);
    assertThat(status.getCode()).isEqualTo(Code.UNAVAILABLE);
    assertThat(status.getDescription()).isEqualTo(PEER + " is cooling for another PT0.01S");
    assertThat(thrown.getCause())
        .isInstanceOfSatisfying(
            PeerCoolingException.class,
            cooling -> assertThat(cooling.remaining()).isEqualTo(Duration.ofMillis(10)));
    Metadata trailers = Status.trailersFromThrowable(thrown);
    assertThat(trailers == null || trailers.keys().isEmpty()).isTrue();
    assertThat(service.calls).hasValue(0);
    assertThat(attempts()).isEqualTo(1);
  }

  @Test
  void blockingStub_coolingPeer_throwsHowLong() {
    Channel channel = channel();
    table.recordFailure(PEER);

    assertThatThrownBy(() -> ClientCalls.blockingUnaryCall(
            channel, method(MethodType.UNARY), CallOptions.DEFAULT, "hello"))
        .satisfies(this::assertCooling);
    assertThatThrownBy(() -> ClientCalls.blockingServerStreamingCall(
                channel, method(MethodType.SERVER_STREAMING), CallOptions.DEFAULT, "hello")
            .hasNext())
        .satisfies(this::assertCooling);
  }

  @Test
  void blockingV2Stub_coolingPeer_throwsHowLong() {
    Channel channel = channel();
    table.recordFailure(PEER);

    assertThatThrownBy(() -> ClientCalls.blockingV2UnaryCall(
            channel, method(MethodType.UNARY), CallOptions.DEFAULT, "hello"))
        .satisfies(this::assertCooling);
    assertThatThrownBy(() -> ClientCalls.blockingV2ServerStreamingCall(
                channel, method(MethodType.SERVER_STREAMING), CallOptions.DEFAULT, "hello")
            .read())
        .satisfies(this::assertCooling);
    assertThatThrownBy(() -> ClientCalls.blockingBidiStreamingCall(
                channel, method(MethodType.BIDI_STREAMING), CallOptions.DEFAULT)
            .write("hello"))
        .satisfies(this::assertCooling);
  }

  @Test
  void futureStub_coolingPeer_failsWithHowLong() {
    Channel channel = channel();
    table.recordFailure(PEER);

    assertThatThrownBy(() -> ClientCalls.futureUnaryCall(
                channel.newCall(method(MethodType.UNARY), CallOptions.DEFAULT), "hello")
            .get())
        .isInstanceOf(ExecutionException.class)
        .cause()
        .satisfies(this::assertCooling);
  }

  @ParameterizedTest
  @FieldSource("TYPES")
  void streamStub_coolingPeer_failsWithHowLong(MethodType type) {
    ClientCall<String, String> call = channel().newCall(method(type), CallOptions.DEFAULT);
    table.recordFailure(PEER);
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    StreamObserver<String> observer = new StreamObserver<>() {
      @Override
      public void onNext(String value) {
        throw new AssertionError(value);
      }

      @Override
      public void onError(Throwable t) {
        assertThat(thrown.getAndSet(t)).isNull();
      }

      @Override
      public void onCompleted() {
        throw new AssertionError();
      }
    };

    switch (type) {
      case UNARY -> ClientCalls.asyncUnaryCall(call, "hello", observer);
      case SERVER_STREAMING -> ClientCalls.asyncServerStreamingCall(call, "hello", observer);
      case CLIENT_STREAMING -> send(ClientCalls.asyncClientStreamingCall(call, observer));
      default -> send(ClientCalls.asyncBidiStreamingCall(call, observer));
    }

    assertCooling(thrown.get());
  }

  private static void send(StreamObserver<String> requests) {
    requests.onNext("hello");
    requests.onCompleted();
  }

  @Test
  void call_waitsForReady_isDeniedToo() throws Exception {
    table.recordFailure(PEER);

    call(channel(), MethodType.UNARY, CallOptions.DEFAULT.withWaitForReady());

    assertThat(heard.status().getCause()).isInstanceOf(PeerCoolingException.class);
  }

  @Test
  void cancel_deniedCall_doesNothing() throws Exception {
    table.recordFailure(PEER);
    ClientCall<String, String> call = call(channel(), MethodType.BIDI_STREAMING);

    call.cancel("too late", null);

    assertThat(heard.status().getCode()).isEqualTo(Code.UNAVAILABLE);
    assertThat(attempts()).isEqualTo(1);
  }

  @Test
  void call_deniedByAnInnerInterceptor_saysNothingAboutThePeerOfTheOuterOne() throws Exception {
    ConcurrentBackoffTable<String> services = ConcurrentBackoffTable.create();
    Channel channel =
        channel(BackoffClientInterceptor.of(table), BackoffClientInterceptor.of(services));
    table.recordFailure(PEER);

    call(channel, MethodType.UNARY);

    assertThat(heard.status().getCause()).isInstanceOf(PeerCoolingException.class);
    assertThat(services.isEmpty()).isTrue();
  }
}
