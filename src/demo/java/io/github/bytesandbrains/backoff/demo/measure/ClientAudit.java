package io.github.bytesandbrains.backoff.demo.measure;

import io.github.bytesandbrains.backoff.BackoffState;
import io.github.bytesandbrains.backoff.demo.network.Peer;
import io.github.bytesandbrains.backoff.demo.network.SendResult;
import io.github.bytesandbrains.backoff.demo.network.SendResult.Kind;
import io.github.bytesandbrains.backoff.demo.workload.Policy;
import java.io.IOException;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Audits a {@code BackoffHttpClient}, which asks the table by itself. As a policy it admits every
 * send. It is also the proxy selector of the client's delegate, which the JDK asks on the sending
 * thread about each request that was admitted. Thread-safe.
 */
public final class ClientAudit extends ProxySelector implements Policy {
  private static final ThreadLocal<@Nullable Send> CURRENT = new ThreadLocal<>();

  private final Auditor auditor;

  /** The auditor judges what the client decides. */
  public ClientAudit(Auditor auditor) {
    this.auditor = auditor;
  }

  @Override
  public Admission admit(Peer peer, long nowNanos) {
    Send send = new Send(peer, nowNanos, auditor.table().state(peer).orElse(null));
    CURRENT.set(send);
    return send;
  }

  @Override
  public List<Proxy> select(URI uri) {
    Send send = CURRENT.get();
    if (send != null) {
      send.admitted();
    }
    return List.of(Proxy.NO_PROXY);
  }

  @Override
  public void connectFailed(URI uri, SocketAddress address, IOException e) {}

  private final class Send implements Admission {
    private final Peer peer;
    private final long nowNanos;
    private final @Nullable BackoffState before;
    private @Nullable Admission admission;

    Send(Peer peer, long nowNanos, @Nullable BackoffState before) {
      this.peer = peer;
      this.nowNanos = nowNanos;
      this.before = before;
    }

    /** The client asked before this moment: an admitted send that is early now was early then. */
    void admitted() {
      admission = auditor.audit(peer, auditor.table().nanoTime(), result -> {}, before);
    }

    /** The client asked after this send began: a denied one that was due then was due later. */
    @Override
    public void record(SendResult result) {
      if (result.kind() == Kind.SPARED) {
        auditor.audit(peer, nowNanos, null, before);
      } else if (admission == null) {
        auditor.fault("a send to " + peer + " was not audited");
      } else {
        admission.record(result);
      }
    }

    @Override
    public void close() {
      CURRENT.remove();
      if (admission != null) {
        admission.close();
      }
    }
  }
}
