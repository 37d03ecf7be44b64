package io.github.bytesandbrains.backoff;

import io.github.bytesandbrains.backoff.BackoffOperations.PermitOperations;

/** Forwards to another permit, until a mutant overrides a method. */
class ForwardingPermit implements PermitOperations {
  private final PermitOperations delegate;

  ForwardingPermit(PermitOperations delegate) {
    this.delegate = delegate;
  }

  @Override
  public boolean recordSuccess() {
    return delegate.recordSuccess();
  }

  @Override
  public boolean recordFailure(long nowNanos) {
    return delegate.recordFailure(nowNanos);
  }

  @Override
  public boolean recordRemoteAdvisory(long nowNanos, long minBackoffNanos) {
    return delegate.recordRemoteAdvisory(nowNanos, minBackoffNanos);
  }

  @Override
  public boolean release() {
    return delegate.release();
  }
}
