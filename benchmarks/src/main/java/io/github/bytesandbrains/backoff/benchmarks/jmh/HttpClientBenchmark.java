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

/** What a request to a healthy peer takes with the HTTP adapter and without; nothing is sent. */
@OperationsPerInvocation(1)
public class HttpClientBenchmark extends JmhBenchmark {
  @Param({"false", "true"})
  public boolean adapter;

  private final HttpRequest request =
      HttpRequest.newBuilder(URI.create("http://10.0.0.7:4040/status")).build();
  private final BodyHandler<String> body = BodyHandlers.replacing("");
  private HttpClient http;

  @Setup
  public void setUp() {
    HttpClient delegate = new InstantHttpClient();
    http = adapter ? BackoffHttpClient.of(delegate, ConcurrentBackoffTable.create()) : delegate;
  }

  @Benchmark
  public Object send() throws IOException, InterruptedException {
    return http.send(request, body);
  }

  @Benchmark
  public Object sendAsync() {
    return http.sendAsync(request, body);
  }
}
