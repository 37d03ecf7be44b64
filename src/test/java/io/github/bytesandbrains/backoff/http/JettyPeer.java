package io.github.bytesandbrains.backoff.http;

import java.net.URI;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.component.LifeCycle;

/** A server on loopback that speaks HTTP/1.1 and HTTP/2, and answers as a test says. */
public final class JettyPeer implements AutoCloseable {
  public interface Answer {
    void handle(Request request, Response response, Callback callback) throws Exception;
  }

  private final Server server = new Server();
  private final ServerConnector connector;
  public final AtomicInteger requests = new AtomicInteger();
  public volatile Answer answer = status(200);

  public JettyPeer() throws Exception {
    HttpConfiguration config = new HttpConfiguration();
    config.setSendDateHeader(false); // the tests send their own
    connector = new ServerConnector(
        server, new HttpConnectionFactory(config), new HTTP2CServerConnectionFactory(config));
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    server.setHandler(new Handler.Abstract() {
      @Override
      public boolean handle(Request request, Response response, Callback callback)
          throws Exception {
        requests.incrementAndGet();
        answer.handle(request, response, callback);
        return true;
      }
    });
    server.start();
  }

  /** An answer with a status, and with headers given as names and values. */
  public static Answer status(int status, String... headers) {
    return (request, response, callback) -> {
      head(response, status, headers);
      if (status == 204 || status == 304) {
        callback.succeeded();
      } else {
        Content.Sink.write(response, true, "body", callback);
      }
    };
  }

  static void head(Response response, int status, String... headers) {
    response.setStatus(status);
    for (int i = 0; i < headers.length; i += 2) {
      response.getHeaders().add(headers[i], headers[i + 1]);
    }
  }

  public URI uri() {
    return URI.create("http://127.0.0.1:" + connector.getLocalPort() + "/path");
  }

  @Override
  public void close() {
    LifeCycle.stop(server);
  }
}
