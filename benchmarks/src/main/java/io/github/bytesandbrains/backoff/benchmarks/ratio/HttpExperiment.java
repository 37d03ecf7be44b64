package io.github.bytesandbrains.backoff.benchmarks.ratio;

import com.sun.management.ThreadMXBean;
import com.sun.net.httpserver.HttpServer;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.benchmarks.report.Target;
import io.github.bytesandbrains.backoff.benchmarks.workload.Workload;
import io.github.bytesandbrains.backoff.http.BackoffHttpClient;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Requests through the HTTP adapter compared with requests without it, over the same connection to
 * a server in this JVM. What they allocate is summed over all threads, because parts of a request
 * run in the client's own ones.
 *
 * <p>The adapter wraps a streamed body, and leaves one that is handed out at its end as it is. The
 * JDK's client asks a body subscriber that is not its own for the body in one more task.
 */
record HttpExperiment(Target time, Target streamed, Target bytes) implements Experiment {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final byte[] BODY = {'o', 'k'};
  private static final int SLICE = 10;
  private static final int WARM_UP = 20;

  @Override
  public List<Target> targets() {
    return List.of(time, streamed, bytes);
  }

  /** Without it, the server's body waits for the client to acknowledge the headers. */
  @Override
  public List<String> jvmOptions() {
    return List.of("-Dsun.net.httpserver.nodelay=true");
  }

  @Override
  public void run(Run run) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", exchange -> {
      exchange.sendResponseHeaders(200, BODY.length);
      exchange.getResponseBody().write(BODY);
      exchange.close();
    });
    server.start();
    HttpClient client =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
    HttpClient adapter = BackoffHttpClient.of(client, ConcurrentBackoffTable.create());
    Workload direct = wholeBodies(client, uri);
    Workload adapted = wholeBodies(adapter, uri);
    Workload directStream = streams(client, uri);
    Workload adaptedStream = streams(adapter, uri);
    int slices = run.slices();
    for (int i = 0; i < slices; i++) { // so that the code is compiled
      for (Workload sends : List.of(direct, adapted, directStream, adaptedStream)) {
        sends.run(WARM_UP);
      }
    }
    PairedTimer timer = new PairedTimer(run.settings());
    if (run.wants(time)) {
      run.add(timer.compare(time, adapted, direct, SLICE, slices));
    }
    if (run.wants(streamed)) {
      run.add(timer.compare(streamed, adaptedStream, directStream, SLICE, slices));
    }
    if (run.wants(bytes)) {
      double[] more = new double[slices];
      Arrays.setAll(more, i -> allocated(adapted) - allocated(direct));
      run.add(bytes, more, Map.of());
    }
    server.stop(0);
  }

  private interface BodyReader<T> {
    int length(T body) throws IOException;
  }

  private static Workload wholeBodies(HttpClient client, URI uri) {
    return sends(client, uri, BodyHandlers.ofByteArray(), body -> body.length);
  }

  private static Workload streams(HttpClient client, URI uri) {
    return sends(client, uri, BodyHandlers.ofInputStream(), body -> body.readAllBytes().length);
  }

  private static <T> Workload sends(
      HttpClient client, URI uri, BodyHandler<T> body, BodyReader<T> reader) {
    HttpRequest request = HttpRequest.newBuilder(uri).build();
    return operations -> {
      long checksum = 0;
      for (int i = 0; i < operations; i++) {
        try {
          checksum += reader.length(client.send(request, body).body());
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
