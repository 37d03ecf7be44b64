package io.github.bytesandbrains.backoff.grpc;

import static io.github.bytesandbrains.backoff.grpc.TestService.answering;
import static io.github.bytesandbrains.backoff.grpc.TestService.method;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.bytesandbrains.backoff.BackoffState;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.Outcome;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Statuses, other interceptors, and what a user may choose. */
final class BackoffClientInterceptorTest extends InProcessCalls {
  // Statuses

  @ParameterizedTest
  @MethodSource
  void call_endsWithAStatus_isRecordedByTheTable(MethodType type, Code code) throws Exception {
    service.handler = code == Code.OK
        ? answering(Status.OK, "hello") // which a unary call must have
        : answering(code.toStatus());
    BackoffState before = due();

    call(channel(), type);

    assertThat(heard.status().getCode()).isEqualTo(code);
    Outcome expected = requireNonNull(OutcomeOfStatusTest.WITHOUT_HINT.get(code));
    if (expected.equals(Outcome.success())) {
      assertThat(table.isEmpty()).isTrue();
    } else if (expected.equals(Outcome.failure())) {
      assertThat(attempts()).isEqualTo(2);
      assertThat(table.remaining(PEER)).isEqualTo(Duration.ofMillis(20));
    } else {
      assertReleased(before);
    }
  }

  static Stream<Arguments> call_endsWithAStatus_isRecordedByTheTable() {
    return TYPES.stream()
        .flatMap(type -> Stream.of(Code.values()).map(code -> arguments(type, code)));
  }

  @ParameterizedTest
  @FieldSource("TYPES")
  void call_pushback_isAnAdvisory(MethodType type) throws Exception {
    service.handler = answering(Status.UNAVAILABLE, TestService.pushback("30000"));

    call(channel(), type);

    assertThat(heard.status().getCode()).isEqualTo(Code.UNAVAILABLE);
    assertThat(table.remaining(PEER)).isEqualTo(Duration.ofSeconds(30));
    assertThat(table.stats().advisories()).isEqualTo(1);
  }

  @ParameterizedTest
  @FieldSource("TYPES")
  void call_retryInfo_isAnAdvisory(MethodType type) throws Exception {
    service.handler =
        answering(Status.RESOURCE_EXHAUSTED, TestService.details(Details.retryInfo(7, 0)));

    call(channel(), type);

    assertThat(heard.status().getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
    assertThat(table.remaining(PEER)).isEqualTo(Duration.ofSeconds(7));
  }

  // Retries and other interceptors

  private static Map<String, Object> threeAttempts() {
    Map<String, Object> policy = Map.of(
        "maxAttempts",
        3.0,
        "initialBackoff",
        "0.001s",
        "maxBackoff",
        "0.001s",
        "backoffMultiplier",
        1.0,
        "retryableStatusCodes",
        List.of("UNAVAILABLE"));
    return Map.of(
        "methodConfig", List.of(Map.of("name", List.of(Map.of()), "retryPolicy", policy)));
  }

  private Channel retrying() {
    return open(builder()
        .enableRetry()
        .defaultServiceConfig(threeAttempts())
        .intercept(BackoffClientInterceptor.of(table)));
  }

  @Test
  void call_retriedByGrpcUntilItSucceeds_isOneSuccess() throws Exception {
    service.handler = (call, headers) -> service.calls.get() < 3
        ? answering(Status.UNAVAILABLE).startCall(call, headers)
        : answering(Status.OK, "hello").startCall(call, headers);

    call(retrying(), MethodType.UNARY);

    assertThat(heard.status().isOk()).isTrue();
    assertThat(service.calls).hasValue(3);
    assertThat(table.isEmpty()).isTrue();
    assertThat(table.stats().granted()).isEqualTo(1);
    assertThat(table.stats().failures()).isZero();
  }

  @Test
  void call_retriedByGrpcInVain_isOneFailure() throws Exception {
    service.handler = answering(Status.UNAVAILABLE);

    call(retrying(), MethodType.UNARY);

    assertThat(heard.status().getCode()).isEqualTo(Code.UNAVAILABLE);
    assertThat(service.calls).hasValue(3);
    assertThat(attempts()).isEqualTo(1);
    assertThat(table.stats().granted()).isEqualTo(1);
  }

  /** Ends each call by itself, as one does that gets no token for it. */
  private static final ClientInterceptor REFUSING = new ClientInterceptor() {
    @Override
    public <Q, R> ClientCall<Q, R> interceptCall(
        MethodDescriptor<Q, R> method, CallOptions callOptions, Channel next) {
      return new SimpleForwardingClientCall<>(next.newCall(method, callOptions)) {
        @Override
        public void start(Listener<R> listener, Metadata headers) {
          listener.onClose(Status.UNAVAILABLE, new Metadata());
        }

        @Override
        public void request(int messages) {}

        @Override
        public void sendMessage(Q message) {}

        @Override
        public void halfClose() {}
      };
    }
  };

  @Test
  void intercept_first_isInnermostAndCountsNoCallThatNeverReachesIt() throws Exception {
    call(channel(BackoffClientInterceptor.of(table), REFUSING), MethodType.UNARY);

    assertThat(heard.status().getCode()).isEqualTo(Code.UNAVAILABLE);
    assertThat(table.isEmpty()).isTrue();
    assertThat(table.stats().granted()).isZero();
  }

  @Test
  void intercept_last_isOutermostAndCountsWhatAnotherInterceptorDid() throws Exception {
    call(channel(REFUSING, BackoffClientInterceptor.of(table)), MethodType.UNARY);

    assertThat(heard.status().getCode()).isEqualTo(Code.UNAVAILABLE);
    assertThat(attempts()).isEqualTo(1); // which is why it should come first
  }

  // Peers and classifiers

  @Test
  void of_peerFunction_keepsItsPeersApart() throws Exception {
    ConcurrentBackoffTable<List<String>> methods =
        ConcurrentBackoffTable.builder().nanoTime(clock).build();
    CallOptions.Key<String> shard = CallOptions.Key.create("shard");
    Channel channel = channel(BackoffClientInterceptor.of(
        methods,
        (authority, method, callOptions) ->
            List.of(authority, method.getFullMethodName(), callOptions.getOption(shard))));
    service.handler = answering(Status.UNAVAILABLE);

    call(channel, MethodType.UNARY, CallOptions.DEFAULT.withOption(shard, "s1"));

    assertThat(heard.status().getCode()).isEqualTo(Code.UNAVAILABLE);
    assertThat(methods.snapshot()).containsOnlyKeys(List.of(PEER, "test.Service/UNARY", "s1"));
  }

  @Test
  void of_peerFunctionThrows_endsTheCall() throws Exception {
    Channel channel =
        channel(BackoffClientInterceptor.<String>of(table, (authority, method, callOptions) -> {
          throw Status.INVALID_ARGUMENT.asRuntimeException();
        }));

    call(channel, MethodType.UNARY);

    assertThat(heard.status().getCode()).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(service.calls).hasValue(0);
  }

  @Test
  @SuppressWarnings("NullAway") // what a caller without NullAway may do
  void of_peerFunctionReturnsNull_endsTheCall() throws Exception {
    Channel channel = channel(
        BackoffClientInterceptor.<String>of(table, (authority, method, callOptions) -> null));

    call(channel, MethodType.UNARY);

    assertThat(heard.status().getCode()).isEqualTo(Code.UNKNOWN);
    assertThat(heard.status().getCause()).hasMessage("peer");
    assertThat(service.calls).hasValue(0);
  }

  @Test
  void withClassifier_ofOnesOwn_decides() throws Exception {
    service.handler = answering(Status.INTERNAL);
    BackoffClientInterceptor<String> interceptor = BackoffClientInterceptor.of(table);
    BackoffClientInterceptor<String> strict =
        interceptor.withClassifier((status, trailers) -> status.getCode() == Code.INTERNAL
            ? Outcome.failure()
            : BackoffClientInterceptor.outcomeOf(status, trailers));

    call(channel(strict), MethodType.UNARY);

    assertThat(heard.status().getCode()).isEqualTo(Code.INTERNAL);
    assertThat(attempts()).isEqualTo(1);
  }

  @Test
  @SuppressWarnings("NullAway") // what a caller without NullAway may do
  void of_null_isNamed() {
    assertThatNullPointerException()
        .isThrownBy(() -> BackoffClientInterceptor.of(null))
        .withMessage("table");
    assertThatNullPointerException()
        .isThrownBy(() -> BackoffClientInterceptor.of(table, null))
        .withMessage("peerFunction");
    assertThatNullPointerException()
        .isThrownBy(() -> BackoffClientInterceptor.of(table).withClassifier(null))
        .withMessage("classifier");
  }
}
