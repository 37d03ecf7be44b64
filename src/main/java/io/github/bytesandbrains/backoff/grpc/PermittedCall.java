package io.github.bytesandbrains.backoff.grpc;

import static java.util.Objects.requireNonNull;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.Outcome;
import io.github.bytesandbrains.backoff.PeerCoolingException;
import io.github.bytesandbrains.backoff.Permit;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptors.CheckedForwardingClientCall;
import io.grpc.Deadline;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusException;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A call that acquires its permit as it starts, and reports the outcome as it ends. */
final class PermittedCall<P, Q, R> extends CheckedForwardingClientCall<Q, R> {
  private final ConcurrentBackoffTable<P> table;
  private final Supplier<P> peer;
  private final BiFunction<? super Status, ? super Metadata, Outcome> classifier;
  private final @Nullable Deadline deadline;
  private final boolean streams;

  /** Null until the call starts; {@link #cancel} may come from another thread. */
  private volatile @Nullable Permit permit;

  /** @param streams whether the server may send more than one message */
  PermittedCall(
      ClientCall<Q, R> call,
      ConcurrentBackoffTable<P> table,
      Supplier<P> peer,
      BiFunction<? super Status, ? super Metadata, Outcome> classifier,
      @Nullable Deadline deadline,
      boolean streams) {
    super(call);
    this.table = table;
    this.peer = peer;
    this.classifier = classifier;
    this.deadline = deadline;
    this.streams = streams;
  }

  @Override
  protected void checkedStart(Listener<R> listener, Metadata headers) throws StatusException {
    if (deadline != null && deadline.isExpired()) { // gRPC will not send it
      delegate().start(listener, headers);
      return;
    }
    P called = requireNonNull(peer.get(), "peer");
    Permit acquired = acquire(called);
    permit = acquired;
    try {
      delegate().start(new ReportingListener(listener, called, acquired), headers);
    } catch (Throwable thrown) { // as after a cancel
      acquired.close();
      throw thrown;
    }
  }

  private Permit acquire(P called) throws StatusException {
    try {
      return table.acquire(called);
    } catch (PeerCoolingException e) {
      throw Status.UNAVAILABLE.withDescription(e.getMessage()).withCause(e).asException();
    }
  }

  /** Gives the lease back at once: the listener may never hear of the end. */
  @Override
  public void cancel(@Nullable String message, @Nullable Throwable cause) {
    try {
      super.cancel(message, cause);
    } finally {
      Permit acquired = permit;
      if (acquired != null) {
        acquired.close();
      }
    }
  }

  /** Reports before the application's listener is called, which may throw or block. */
  private final class ReportingListener extends SimpleForwardingClientCallListener<R> {
    private final P called;
    private Permit current;
    private boolean answered;

    ReportingListener(Listener<R> listener, P called, Permit acquired) {
      super(listener);
      this.called = called;
      current = acquired;
    }

    @Override
    public void onMessage(R message) {
      if (streams && !answered) {
        answered = true;
        current.recordSuccess();
        // For what follows. Released, as a stream that lives for hours must not hold a lease.
        current = table.tryAcquire(called).orElse(current);
        current.release();
      }
      super.onMessage(message);
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      Permit last = current;
      try (last) { // released if the classifier throws
        last.record(requireNonNull(classifier.apply(status, trailers), "the classifier's outcome"));
      } finally {
        super.onClose(status, trailers);
      }
    }
  }
}
