package io.github.bytesandbrains.backoff.benchmarks.jmh;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.benchmarks.workload.InstantHttpClient;
import io.github.bytesandbrains.backoff.http.BackoffHttpClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/**
 * What the HTTP adapter costs a request to a healthy peer: the difference of the two clients. The
 * request is not sent.
 */
@OperationsPerInvocation(1)
public class HttpClientBenchmark extends JmhBenchmark {
  /** With the adapter, or without it. */
  public enum Client {
    /** The delegate. */
    DIRECT,
    /** The adapter in front of it. */
    ADAPTER
  }

  /** Which of the two. */
  @Param
  public Client client;

  private final HttpRequest request =
      HttpRequest.newBuilder(URI.create("http://10.0.0.7:4040/status")).build();
  private final BodyHandler<String> body = BodyHandlers.replacing("");
  private HttpClient http;

  /** Makes the client. */
  @Setup
  public void setUp() {
    HttpClient delegate = new InstantHttpClient();
    http = client == Client.DIRECT
        ? delegate
        : BackoffHttpClient.of(delegate, ConcurrentBackoffTable.create());
  }

  /** A request that waits for its response. */
  @Benchmark
  public Object send() throws IOException, InterruptedException {
    return http.send(request, body);
  }

  /** A request that returns a future, which is complete. */
  @Benchmark
  public Object sendAsync() {
    return http.sendAsync(request, body);
  }
}
