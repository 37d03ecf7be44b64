package io.github.bytesandbrains.backoff.grpc;

import static io.github.bytesandbrains.backoff.grpc.TestService.answering;
import static io.github.bytesandbrains.backoff.grpc.TestService.method;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.bytesandbrains.backoff.BackoffState;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.stub.ClientCalls;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Calls with any number of messages from the server. */
final class StreamTest extends InProcessCalls {
  static final List<MethodType> STREAMS =
      List.of(MethodType.SERVER_STREAMING, MethodType.BIDI_STREAMING);

  @ParameterizedTest
  @FieldSource("STREAMS")
  void stream_firstMessage_isASuccessThoughTheStreamGoesOn(MethodType type) throws Exception {
    service.handler = service::hold;
    due();
    call(channel(), type);
    ServerCall<String, String> held = held();
    assertProbeIsOut(); // headers are no success

    held.sendMessage("one");

    await().until(() -> heard.messages.size() == 1);
    assertThat(table.isEmpty()).isTrue();
    assertThat(heard.closed).isNotDone();

    held.close(Status.OK, new Metadata());
    assertThat(heard.status().isOk()).isTrue();
    assertThat(table.isEmpty()).isTrue();
    assertThat(table.stats().staleOutcomes()).isZero();
  }

  @Test
  void stream_neverDrained_isASuccessAtTheFirstMessage() throws Exception {
    service.handler = answering(Status.OK, "one", "two", "three");
    Channel channel = channel();
    due();

    assertThat(ClientCalls.blockingServerStreamingCall(
                channel, method(MethodType.SERVER_STREAMING), CallOptions.DEFAULT, "hello")
            .next())
        .isEqualTo("one"); // and nobody asks for the others

    assertThat(table.isEmpty()).isTrue();
  }

  @ParameterizedTest
  @FieldSource("STREAMS")
  void stream_listenerThrowsAtTheFirstMessage_isASuccess(MethodType type) throws Exception {
    service.handler = service::hold;
    due();
    Heard throwing = new Heard() {
      @Override
      public void onMessage(String message) {
        throw new IllegalStateException("of the application");
      }
    };
    start(channel(), type, throwing);

    held().sendMessage("one");

    assertThat(throwing.status().getCode()).isEqualTo(Code.CANCELLED);
    assertThat(table.isEmpty()).isTrue();
  }

  @ParameterizedTest
  @FieldSource("STREAMS")
  void stream_breaksAfterTheFirstMessage_isAFailure(MethodType type) throws Exception {
    service.handler = service::hold;
    due();
    call(channel(), type);
    ServerCall<String, String> held = held();
    held.sendMessage("one");
    await().until(() -> heard.messages.size() == 1);

    held.close(Status.UNAVAILABLE, new Metadata());

    assertThat(heard.status().getCode()).isEqualTo(Code.UNAVAILABLE);
    assertThat(attempts()).isEqualTo(1); // after the success
    assertThat(table.stats().successes()).isEqualTo(1);
  }

  @ParameterizedTest
  @FieldSource("STREAMS")
  void stream_advisoryAfterTheFirstMessage_isHeard(MethodType type) throws Exception {
    service.handler = answering(Status.UNAVAILABLE, TestService.pushback("30000"), "one");

    call(channel(), type);

    assertThat(heard.status().getCode()).isEqualTo(Code.UNAVAILABLE);
    assertThat(table.remaining(PEER)).isEqualTo(Duration.ofSeconds(30));
  }

  @ParameterizedTest
  @FieldSource("STREAMS")
  void stream_headersButNoMessage_isAFailure(MethodType type) throws Exception {
    // A server in Go sends headers before an error if a filter has set one.
    service.handler = service::hold;
    due();
    call(channel(), type);

    held().close(Status.UNAVAILABLE, new Metadata());

    assertThat(heard.status().getCode()).isEqualTo(Code.UNAVAILABLE);
    assertThat(attempts()).isEqualTo(2);
  }

  @ParameterizedTest
  @FieldSource("STREAMS")
  void stream_breaksAfterAnotherOutcome_isStale(MethodType type) throws Exception {
    service.handler = service::hold;
    call(channel(), type);
    ServerCall<String, String> held = held();
    held.sendMessage("one");
    await().until(() -> heard.messages.size() == 1);
    table.recordFailure(PEER); // of another call, in the same outage

    held.close(Status.UNAVAILABLE, new Metadata());

    assertThat(heard.status().getCode()).isEqualTo(Code.UNAVAILABLE);
    assertThat(attempts()).isEqualTo(1);
    assertThat(table.stats().staleOutcomes()).isEqualTo(1);
  }

  @ParameterizedTest
  @FieldSource("STREAMS")
  void stream_goesOn_holdsNoLease(MethodType type) throws Exception {
    service.handler = service::hold;
    call(channel(), type); // to a healthy peer
    BackoffState before = due(); // by another call

    held().sendMessage("one"); // so the success is stale, and the next permit is a probe

    await().until(() -> heard.messages.size() == 1);
    assertReleased(before);
    assertThat(table.stats().staleOutcomes()).isEqualTo(1);
  }

  @ParameterizedTest
  @FieldSource("STREAMS")
  void stream_firstMessageWhileThePeerIsCooling_isStaleAndSoIsTheRest(MethodType type)
      throws Exception {
    service.handler = service::hold;
    call(channel(), type);
    ServerCall<String, String> held = held();
    BackoffState before = table.recordFailure(PEER); // by another call

    held.sendMessage("one");
    await().until(() -> heard.messages.size() == 1);
    held.close(Status.UNAVAILABLE, new Metadata());

    assertThat(heard.status().getCode()).isEqualTo(Code.UNAVAILABLE);
    assertThat(table.state(PEER)).containsSame(before);
  }

  @Test
  void unary_messageAndThenUnavailable_isOneFailure() throws Exception {
    service.handler = answering(Status.UNAVAILABLE, "hello");
    due();

    call(channel(), MethodType.UNARY);

    assertThat(heard.status().getCode()).isEqualTo(Code.UNAVAILABLE);
    assertThat(heard.messages).containsExactly("hello");
    assertThat(attempts()).isEqualTo(2);
  }
}
