package io.github.bytesandbrains.backoff.grpc;

import static java.util.Objects.requireNonNull;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.Outcome;
import io.github.bytesandbrains.backoff.PeerCoolingException;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.time.Duration;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Checks a {@link ConcurrentBackoffTable} as a call starts, and records how it ended. A call whose
 * peer is cooling is not sent. It fails with {@link Status#UNAVAILABLE}, and the cause is a {@link
 * PeerCoolingException}, which says how long the peer must still be left alone:
 *
 * <pre>{@code
 * } catch (StatusRuntimeException e) {
 *   if (e.getCause() instanceof PeerCoolingException cooling) { // nothing was sent
 *     later(cooling.remaining());
 *   }
 * }
 * }</pre>
 *
 * <p>What a status says about the peer, unless {@link #withClassifier} says otherwise:
 *
 * <table>
 * <caption>Outcomes by status</caption>
 * <tr><th>status</th><th>outcome</th></tr>
 * <tr><td>{@code UNAVAILABLE}, {@code DEADLINE_EXCEEDED}</td>
 *     <td>an advisory if the trailers have a hint, otherwise a failure</td></tr>
 * <tr><td>{@code RESOURCE_EXHAUSTED}</td>
 *     <td>an advisory if the trailers have a hint, otherwise none: gRPC also uses this code for a
 *     message that is too large</td></tr>
 * <tr><td>{@code CANCELLED}; {@code UNAVAILABLE} because the channel was shut down by the
 *     caller</td>
 *     <td>none</td></tr>
 * <tr><td>any other, such as {@code OK}, {@code INTERNAL}, {@code UNIMPLEMENTED}</td>
 *     <td>a success: the peer is there</td></tr>
 * </table>
 *
 * <p>A hint is the trailer {@code grpc-retry-pushback-ms} or, without it, the {@code
 * google.rpc.RetryInfo} in {@code grpc-status-details-bin}. A pushback that is negative or not a
 * number means "do not retry", and is a failure. A delay of zero, and details that cannot be read,
 * are no hint. The table's {@code maxAdvisory} bounds them all.
 *
 * <p>A call is one outcome, however often gRPC retries it. A call that is cancelled releases its
 * permit. A call whose deadline has expired before it starts needs no permit, because gRPC does not
 * send it. If the server streams, the first message is the success, since the stream may outlive a
 * probe's lease; how the stream ends later is an outcome of its own, with a permit of its own.
 *
 * <p>Add it to a channel once, before any other interceptor. It is then the innermost one, and does
 * not see a call that another interceptor ends by itself.
 *
 * <p>Immutable and thread-safe. Any number of channels may share one interceptor, and any number of
 * interceptors one table.
 *
 * @param <P> the type of the peers
 */
public final class BackoffClientInterceptor<P> implements ClientInterceptor {
  private static final Metadata.Key<String> PUSHBACK =
      Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<byte[]> DETAILS =
      Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER);

  private final ConcurrentBackoffTable<P> table;
  private final PeerFunction<P> peerFunction;
  private final BiFunction<? super Status, ? super Metadata, Outcome> classifier;

  /**
   * Says which peer a call is for. It is called as the call starts. What it throws ends the call
   * with {@link Status#UNKNOWN}, unless it throws a status.
   *
   * @param <P> the type of the peers
   */
  @FunctionalInterface
  public interface PeerFunction<P> {
    /**
     * Returns the peer of a call.
     *
     * @param authority that of the channel
     */
    P peer(String authority, MethodDescriptor<?, ?> method, CallOptions callOptions);
  }

  private BackoffClientInterceptor(
      ConcurrentBackoffTable<P> table,
      PeerFunction<P> peerFunction,
      BiFunction<? super Status, ? super Metadata, Outcome> classifier) {
    this.table = requireNonNull(table, "table");
    this.peerFunction = requireNonNull(peerFunction, "peerFunction");
    this.classifier = requireNonNull(classifier, "classifier");
  }

  /**
   * Returns an interceptor whose peer is the authority of the channel, such as {@code
   * greeter.example:443}. That is a service, not one of its hosts: gRPC balances a channel's calls
   * over the hosts by itself, and its outlier detection ejects single ones.
   */
  public static BackoffClientInterceptor<String> of(ConcurrentBackoffTable<String> table) {
    return of(table, (authority, method, callOptions) -> authority);
  }

  /**
   * Returns an interceptor with other peers, such as one for each service or method of a channel,
   * or one that the caller names in an option of the call.
   */
  public static <P> BackoffClientInterceptor<P> of(
      ConcurrentBackoffTable<P> table, PeerFunction<P> peerFunction) {
    return new BackoffClientInterceptor<>(table, peerFunction, BackoffClientInterceptor::outcomeOf);
  }

  /**
   * Returns a copy of this interceptor for which {@code classifier} says what the status and the
   * trailers of a call mean. It may build on {@link #outcomeOf}:
   *
   * <pre>{@code
   * interceptor.withClassifier((status, trailers) -> status.getCode() == Status.Code.INTERNAL
   *     ? Outcome.failure()
   *     : BackoffClientInterceptor.outcomeOf(status, trailers))
   * }</pre>
   *
   * <p>If it throws, the permit is released.
   */
  public BackoffClientInterceptor<P> withClassifier(
      BiFunction<? super Status, ? super Metadata, Outcome> classifier) {
    return new BackoffClientInterceptor<>(table, peerFunction, classifier);
  }

  /**
   * Returns what the end of a call says about the peer, by the table above. For a classifier of
   * your own, and for calls without the interceptor: a {@code throwableClassifier} of the table
   * hands it what a {@link io.grpc.StatusRuntimeException} carries.
   *
   * @param trailers null if there are none
   */
  public static Outcome outcomeOf(Status status, @Nullable Metadata trailers) {
    if (status.getCause() instanceof PeerCoolingException) {
      return Outcome.none(); // another interceptor denied it
    }
    if (isShutdownOfTheChannel(status)) {
      return Outcome.none();
    }
    return switch (status.getCode()) {
      case UNAVAILABLE, DEADLINE_EXCEEDED -> hintOr(Outcome.failure(), trailers);
      case RESOURCE_EXHAUSTED -> hintOr(Outcome.none(), trailers);
      case CANCELLED -> Outcome.none();
      default -> Outcome.success();
    };
  }

  /** By the caller: only the description says so. */
  private static boolean isShutdownOfTheChannel(Status status) {
    String description = status.getDescription();
    return status.getCode() == Status.Code.UNAVAILABLE
        && description != null
        && description.startsWith("Channel shutdown");
  }

  private static Outcome hintOr(Outcome unhinted, @Nullable Metadata trailers) {
    if (trailers == null) {
      return unhinted;
    }
    String pushback = trailers.get(PUSHBACK);
    if (pushback != null) {
      long millis = millis(pushback);
      return millis < 0 ? Outcome.failure() : advisoryOr(unhinted, Duration.ofMillis(millis));
    }
    byte[] details = trailers.get(DETAILS);
    return details == null ? unhinted : advisoryOr(unhinted, RetryInfo.delay(details));
  }

  private static Outcome advisoryOr(Outcome unhinted, Duration delay) {
    return delay.isZero() ? unhinted : Outcome.advisory(delay);
  }

  /** As gRPC's own retries read it: an int, and what is none is negative. */
  private static int millis(String pushback) {
    try {
      return Integer.parseInt(pushback);
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  @Override
  public <Q, R> ClientCall<Q, R> interceptCall(
      MethodDescriptor<Q, R> method, CallOptions callOptions, Channel next) {
    // A call has the context in which it is created, not the one in which it starts.
    Deadline deadline = earlier(callOptions.getDeadline(), Context.current().getDeadline());
    return new PermittedCall<>(
        next.newCall(method, callOptions),
        table,
        () -> peerFunction.peer(next.authority(), method, callOptions),
        classifier,
        deadline,
        !method.getType().serverSendsOneMessage());
  }

  private static @Nullable Deadline earlier(@Nullable Deadline one, @Nullable Deadline other) {
    if (one == null || other == null) {
      return one == null ? other : one;
    }
    return one.minimum(other);
  }
}
