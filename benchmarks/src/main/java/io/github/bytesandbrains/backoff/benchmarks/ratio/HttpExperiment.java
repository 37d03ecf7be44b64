package io.github.bytesandbrains.backoff.benchmarks.ratio;

import com.sun.management.ThreadMXBean;
import com.sun.net.httpserver.HttpServer;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.benchmarks.report.Settings;
import io.github.bytesandbrains.backoff.benchmarks.report.Target;
import io.github.bytesandbrains.backoff.benchmarks.workload.Workload;
import io.github.bytesandbrains.backoff.http.BackoffHttpClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Requests through the HTTP adapter compared with requests without it, over the same connection to a
 * server in this JVM. What they allocate is summed over all threads, because parts of a request run in
 * the client's own ones.
 */
record HttpExperiment(Target time, Target bytes) implements Experiment {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final byte[] BODY = {'o', 'k'};
  private static final int SLICE = 20;

  @Override
  public List<Target> targets() {
    return List.of(time, bytes);
  }

  /** Without it, the server's body waits for the client to acknowledge the headers. */
  @Override
  public List<String> jvmOptions() {
    return List.of("-Dsun.net.httpserver.nodelay=true");
  }

  @Override
  public void run(List<Target> wanted, Settings settings, Consumer<Sample> samples) {
    HttpServer server = startServer();
    try {
      HttpClient client =
          HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
      URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
      Workload direct = sends(client, uri);
      Workload adapted = sends(BackoffHttpClient.of(client, ConcurrentBackoffTable.create()), uri);
      int slices = settings.slices();
      for (int i = 0; i < slices; i++) { // so that the code is compiled
        direct.run(SLICE);
        adapted.run(SLICE);
      }
      if (wanted.contains(time)) {
        samples.accept(new PairedTimer(settings).compare(time, adapted, direct, SLICE, slices));
      }
      if (wanted.contains(bytes)) {
        double[] more = new double[slices];
        Arrays.setAll(more, i -> allocated(adapted) - allocated(direct));
        samples.accept(Sample.of(bytes, more, Map.of()));
      }
    } finally {
      server.stop(0);
    }
  }

  private static HttpServer startServer() {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.createContext("/", exchange -> {
        exchange.sendResponseHeaders(200, BODY.length);
        exchange.getResponseBody().write(BODY);
        exchange.close();
      });
      server.start();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Workload sends(HttpClient client, URI uri) {
    HttpRequest request = HttpRequest.newBuilder(uri).build();
    return operations -> {
      long checksum = 0;
      for (int i = 0; i < operations; i++) {
        try {
          checksum += client.send(request, BodyHandlers.ofByteArray()).body().length;
        } catch (IOException | InterruptedException e) {
          throw new IllegalStateException(e);
        }
      }
      return checksum;
    };
  }

  /** The bytes that all threads allocate for one request, on average over a slice. */
  private static double allocated(Workload sends) {
    long[] threads = THREADS.getAllThreadIds(); // all of them outlive the slice
    long before = Arrays.stream(THREADS.getThreadAllocatedBytes(threads)).sum();
    sends.run(SLICE);
    long after = Arrays.stream(THREADS.getThreadAllocatedBytes(threads)).sum();
    return (double) (after - before) / SLICE;
  }
}
