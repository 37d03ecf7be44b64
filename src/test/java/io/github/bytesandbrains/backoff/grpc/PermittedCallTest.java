package io.github.bytesandbrains.backoff.grpc;

import static io.github.bytesandbrains.backoff.grpc.TestService.answering;
import static io.github.bytesandbrains.backoff.grpc.TestService.method;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bytesandbrains.backoff.BackoffState;
import io.github.bytesandbrains.backoff.PeerCoolingException;
import io.github.bytesandbrains.backoff.Permit;
import io.github.bytesandbrains.backoff.Threads;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.stub.ClientCalls;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.FieldSource;

/** When a call takes its permit, and when it gives it back. */
final class PermittedCallTest extends InProcessCalls {
  // Permits

  @ParameterizedTest
  @FieldSource("TYPES")
  void newCall_neverStarted_takesNoPermit(MethodType type) {
    BackoffState before = due();

    assertThat(channel().newCall(method(type), CallOptions.DEFAULT)).isNotNull();

    assertReleased(before);
    assertThat(table.stats().granted()).isZero();
  }

  @ParameterizedTest
  @FieldSource("TYPES")
  void call_duePeer_isTheOnlyProbe(MethodType type) throws Exception {
    service.handler = service::hold;
    Channel channel = channel();
    due();

    call(channel, type);
    assertProbeIsOut();
    assertThatThrownBy(() -> ClientCalls.blockingUnaryCall(
            channel, method(MethodType.UNARY), CallOptions.DEFAULT, "hello"))
        .hasCauseInstanceOf(PeerCoolingException.class);

    ServerCall<String, String> held = held();
    held.sendMessage("hello");
    held.close(Status.OK, new Metadata());
    assertThat(heard.status().isOk()).isTrue();
    assertThat(table.isEmpty()).isTrue();
    assertThat(service.calls).hasValue(1);
  }

  @ParameterizedTest
  @FieldSource("TYPES")
  void cancel_probeInFlight_givesTheLeaseBack(MethodType type) throws Exception {
    service.handler = service::hold;
    BackoffState before = due();
    ClientCall<String, String> call = call(channel(), type);
    assertProbeIsOut();

    call.cancel("not needed any more", null);

    assertReleased(before);
    assertThat(heard.status().getCode()).isEqualTo(Code.CANCELLED);
    assertReleased(before);
  }

  @ParameterizedTest
  @FieldSource("TYPES")
  void cancel_endNeverHeard_givesTheLeaseBack(MethodType type) {
    Channel channel = channel();
    start(channel, MethodType.UNARY, new Heard()); // so that it is connected
    service.handler = service::hold;
    BackoffState before = due();
    // As a blocking stub, whose thread has left: what is to be heard waits in a queue.
    ClientCall<String, String> call =
        call(channel, type, CallOptions.DEFAULT.withExecutor(task -> {}));
    assertThat(service.calls).hasValue(2);
    assertProbeIsOut();

    call.cancel("not needed any more", null);

    assertThat(heard.closed).isNotDone();
    assertReleased(before);
  }

  @Test
  void cancel_beforeTheStart_takesNoPermitForLong() throws Exception {
    BackoffState before = due();
    ClientCall<String, String> call =
        channel().newCall(method(MethodType.UNARY), CallOptions.DEFAULT);

    call.cancel("not needed any more", null);
    call.start(heard, new Metadata()); // which gRPC refuses

    assertThat(heard.status().getCause()).isInstanceOf(IllegalStateException.class);
    assertReleased(before);
    assertThat(service.calls).hasValue(0);
  }

  @Test
  void context_cancelled_givesTheLeaseBack() throws Exception {
    service.handler = service::hold;
    BackoffState before = due();
    Channel channel = channel();
    try (Context.CancellableContext context = Context.current().withCancellation()) {
      context.run(() -> call(channel, MethodType.UNARY));
      assertProbeIsOut();

      context.cancel(null);

      assertThat(heard.status().getCode()).isEqualTo(Code.CANCELLED);
      assertReleased(before);
    }
  }

  @Test
  void start_anInnerInterceptorThrows_givesTheLeaseBack() {
    BackoffState before = due();
    Error broken = new AssertionError("broken");
    ClientInterceptor inner = new ClientInterceptor() {
      @Override
      public <Q, R> ClientCall<Q, R> interceptCall(
          MethodDescriptor<Q, R> method, CallOptions callOptions, Channel next) {
        return new SimpleForwardingClientCall<>(next.newCall(method, callOptions)) {
          @Override
          public void start(Listener<R> listener, Metadata headers) {
            throw broken;
          }
        };
      }
    };
    Channel channel = channel(inner, BackoffClientInterceptor.of(table));

    assertThatThrownBy(() -> call(channel, MethodType.UNARY)).isSameAs(broken);
    assertReleased(before);
  }

  // Deadlines

  @Test
  void deadline_beforeTheStart_takesNoPermit() throws Exception {
    BackoffState before = due();
    Deadline expired = Deadline.after(-1, TimeUnit.SECONDS);

    call(channel(), MethodType.UNARY, CallOptions.DEFAULT.withDeadline(expired));

    assertThat(heard.status().getCode()).isEqualTo(Code.DEADLINE_EXCEEDED);
    assertReleased(before);
    assertThat(table.stats().granted()).isZero();
    assertThat(service.calls).hasValue(0);
  }

  @Test
  void deadline_ofTheContextBeforeTheStart_takesNoPermit() throws Exception {
    BackoffState before = due();
    Channel channel = channel();
    ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    try (Context.CancellableContext context =
        Context.current().withDeadlineAfter(-1, TimeUnit.SECONDS, timer)) {
      AtomicReference<ClientCall<String, String>> call = new AtomicReference<>();
      context.run(() -> call.set(channel.newCall(method(MethodType.UNARY), CallOptions.DEFAULT)));

      call.get().start(heard, new Metadata()); // in another context, which does not matter

      assertThat(heard.status().getCode()).isEqualTo(Code.DEADLINE_EXCEEDED);
      assertReleased(before);
      assertThat(table.stats().granted()).isZero();
    } finally {
      timer.shutdownNow();
    }
  }

  @Test
  void deadline_ofTheContextAndOfTheCall_theEarlierOneCounts() throws Exception {
    due();
    Channel channel = channel();
    Deadline expired = Deadline.after(-1, TimeUnit.SECONDS);
    ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    try (Context.CancellableContext context =
        Context.current().withDeadlineAfter(1, TimeUnit.HOURS, timer)) {
      context.run(() -> call(channel, MethodType.UNARY, CallOptions.DEFAULT.withDeadline(expired)));

      assertThat(heard.status().getCode()).isEqualTo(Code.DEADLINE_EXCEEDED);
      assertThat(table.stats().granted()).isZero();
    } finally {
      timer.shutdownNow();
    }
  }

  @ParameterizedTest
  @FieldSource("TYPES")
  void deadline_afterTheStart_isAFailure(MethodType type) throws Exception {
    service.handler = service::hold;
    due();

    call(channel(), type, CallOptions.DEFAULT.withDeadlineAfter(100, TimeUnit.MILLISECONDS));

    assertThat(heard.status().getCode()).isEqualTo(Code.DEADLINE_EXCEEDED);
    assertThat(service.calls).hasValue(1);
    assertThat(attempts()).isEqualTo(2);
  }

  // Listeners

  @ParameterizedTest
  @EnumSource(names = {"OK", "UNAVAILABLE", "CANCELLED"})
  void onClose_listenerThrows_isRecorded(Code code) throws Exception {
    service.handler = code == Code.OK ? answering(Status.OK, "hello") : answering(code.toStatus());
    BackoffState before = due();
    Heard throwing = new Heard() {
      @Override
      public void onClose(Status status, Metadata trailers) {
        super.onClose(status, trailers);
        throw new IllegalStateException("of the application");
      }
    };

    silently(() -> start(channel(), MethodType.UNARY, throwing));

    assertThat(throwing.status().getCode()).isEqualTo(code);
    switch (code) {
      case OK -> assertThat(table.isEmpty()).isTrue();
      case UNAVAILABLE -> assertThat(attempts()).isEqualTo(2);
      default -> assertReleased(before);
    }
  }

  @Test
  void onClose_classifierThrows_isReleasedAndTheListenerHears() throws Exception {
    service.handler = answering(Status.UNAVAILABLE);
    BackoffState before = due();
    Channel channel =
        channel(BackoffClientInterceptor.of(table).withClassifier((status, trailers) -> {
          throw new IllegalStateException("of the classifier");
        }));

    silently(() -> call(channel, MethodType.UNARY));

    assertThat(heard.status().getCode()).isEqualTo(Code.UNAVAILABLE);
    assertReleased(before);
  }

  @Test
  @SuppressWarnings("NullAway") // what a caller without NullAway may do
  void onClose_classifierReturnsNull_isReleasedAndTheListenerHears() throws Exception {
    BackoffState before = due();
    Channel channel =
        channel(BackoffClientInterceptor.of(table).withClassifier((status, trailers) -> null));

    silently(() -> call(channel, MethodType.UNARY));

    assertThat(heard.status().isOk()).isTrue();
    assertReleased(before);
  }

  @Test
  void onClose_clockThrows_isReleasedAndTheListenerHears() throws Exception {
    service.handler = service::hold;
    BackoffState before = due();
    call(channel(), MethodType.UNARY);
    ServerCall<String, String> held = held();

    clockFails.set(true);
    silently(() -> held.close(Status.UNAVAILABLE, new Metadata()));
    assertThat(heard.status().getCode()).isEqualTo(Code.UNAVAILABLE);
    clockFails.set(false);

    assertReleased(before);
  }

  // Threads

  @Test
  void call_manyThreadsAndADuePeer_oneIsTheProbe() throws Exception {
    service.handler = service::hold;
    Channel channel = channel();
    due();
    List<Heard> all = Stream.generate(Heard::new).limit(16).toList();

    Threads.race(16, thread -> start(channel, MethodType.UNARY, all.get(thread)));

    ServerCall<String, String> probe = held();
    assertThat(service.calls).hasValue(1);
    assertThat(all).filteredOn(call -> call.closed.isDone()).hasSize(15);
    silently(() -> probe.close(Status.UNAVAILABLE, new Metadata()));
    for (Heard call : all) {
      assertThat(call.status().getCode()).isEqualTo(Code.UNAVAILABLE);
    }
    assertThat(attempts()).isEqualTo(2);
    assertThat(table.stats().probes()).isEqualTo(1);
    assertThat(table.stats().denied()).isEqualTo(15);
  }

  @Test
  void cancel_racesWithTheEnd_leavesNoLease() throws Exception {
    service.handler = service::hold;
    due();
    ClientCall<String, String> call = call(channel(), MethodType.UNARY);
    ServerCall<String, String> held = held();

    Threads.race(2, thread -> {
      if (thread == 0) {
        call.cancel("not needed any more", null);
      } else {
        held.close(Status.UNAVAILABLE, new Metadata());
      }
    });

    Code code = heard.status().getCode();
    assertThat(table.isProbing(PEER)).isFalse();
    assertThat(attempts()).isEqualTo(code == Code.CANCELLED ? 1 : 2);
    clock.advance(Duration.ofMillis(20));
    try (Permit next = table.acquire(PEER)) {
      assertThat(next).isNotNull();
    }
  }
}
