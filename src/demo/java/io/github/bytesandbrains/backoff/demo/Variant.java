package io.github.bytesandbrains.backoff.demo;

import static java.util.Objects.requireNonNull;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.demo.measure.Auditor;
import io.github.bytesandbrains.backoff.demo.measure.ClientAudit;
import io.github.bytesandbrains.backoff.demo.network.Client;
import io.github.bytesandbrains.backoff.demo.network.HttpPeerClient;
import io.github.bytesandbrains.backoff.demo.network.Peer;
import io.github.bytesandbrains.backoff.demo.network.SocketClient;
import io.github.bytesandbrains.backoff.demo.workload.Policy;
import io.github.bytesandbrains.backoff.demo.workload.Worker;
import io.github.bytesandbrains.backoff.http.BackoffHttpClient;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One of the ways to send that the rehearsal compares.
 *
 * @param policy shared by all workers, as is the client
 * @param auditor of its table; null if there is none
 */
public record Variant(
    String name, Policy policy, Client client, @Nullable Auditor auditor) {
  public static final Variant WITHOUT_TABLE =
      new Variant("without table", Policy.WITHOUT_TABLE, null);

  /** A variant that sends over sockets. */
  Variant(String name, Policy policy, @Nullable Auditor auditor) {
    this(name, policy, new SocketClient(Worker.TIMEOUT), auditor);
  }

  public static Variant tryAcquire(ConcurrentBackoffTable<Peer> table) {
    return audited("tryAcquire", new Auditor(table, new Policy.TryAcquire(table), true));
  }

  public static Variant shouldRetry(ConcurrentBackoffTable<Peer> table) {
    return audited("shouldRetry", new Auditor(table, new Policy.ShouldRetry(table), false));
  }

  /** Leaves it to the client to ask the table. */
  static Variant backoffHttpClient(ConcurrentBackoffTable<Peer> table, List<Peer> peers) {
    Auditor auditor = new Auditor(table, Policy.WITHOUT_TABLE, true);
    ClientAudit audit = new ClientAudit(auditor);
    Map<URI, Peer> byUri = peers.stream().collect(Collectors.toMap(Peer::uri, Function.identity()));
    HttpClient client = BackoffHttpClient.builder(
            plainHttpClient(audit), table, request -> requireNonNull(byUri.get(request.uri())))
        .build();
    return new Variant(
        "BackoffHttpClient", audit, new HttpPeerClient(client, Worker.TIMEOUT), auditor);
  }

  /** Returns the same variant with a plain HTTP client. */
  Variant overHttp() {
    HttpClient client = plainHttpClient(HttpClient.Builder.NO_PROXY);
    return new Variant(name, policy, new HttpPeerClient(client, Worker.TIMEOUT), auditor);
  }

  private static HttpClient plainHttpClient(ProxySelector proxies) {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .proxy(proxies)
        .build();
  }

  private static Variant audited(String name, Auditor auditor) {
    return new Variant(name, auditor, auditor);
  }

  @Nullable
  ConcurrentBackoffTable<Peer> table() {
    return auditor == null ? null : auditor.table();
  }
}
