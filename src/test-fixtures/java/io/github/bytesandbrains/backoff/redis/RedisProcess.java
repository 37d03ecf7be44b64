package io.github.bytesandbrains.backoff.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import redis.embedded.core.ExecutableProvider;

/**
 * A Redis server on loopback, as a process that can be killed and paused. It is the one of
 * embedded-redis, or that of {@code -Dredis.server=/usr/bin/redis-server}.
 */
public final class RedisProcess implements AutoCloseable {
  private static final @Nullable String INSTALLED = System.getProperty("redis.server");
  private static @Nullable String executable;

  private final Path dir;
  private final int port = freePort();
  private final List<String> options;
  private Process process;

  /**
   * Starts a server, which answers when this returns.
   *
   * @param dir where it keeps its data
   * @param options such as {@code --requirepass}, {@code secret}
   */
  public RedisProcess(Path dir, String... options) {
    this.dir = dir;
    this.options = List.of(options);
    process = startProcess();
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static synchronized String executable() throws IOException {
    if (executable == null) {
      executable = INSTALLED == null || INSTALLED.isEmpty()
          ? ExecutableProvider.newJarResourceProvider().get().toString()
          : INSTALLED;
    }
    return executable;
  }

  private Process startProcess() {
    try {
      List<String> command = new ArrayList<>(List.of(executable(), "--port", "" + port));
      command.addAll(List.of("--bind", "127.0.0.1", "--save", "", "--dir", dir.toString()));
      command.addAll(options);
      Process started = new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(dir.resolve("redis-" + port + ".log").toFile())
          .start();
      Runtime.getRuntime().addShutdownHook(new Thread(started::destroyForcibly));
      while (!answers()) {
        if (started.waitFor(10, TimeUnit.MILLISECONDS)) {
          throw new IllegalStateException("Redis ended; see " + dir);
        }
      }
      return started;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Whether it answers, and does not load its data any more. */
  private boolean answers() {
    try (Socket socket = new Socket()) {
      socket.connect(address(), 1_000);
      socket.setSoTimeout(1_000);
      socket.getOutputStream().write("PING\r\n".getBytes(UTF_8));
      InputStream in = socket.getInputStream();
      String answer = new String(in.readNBytes(5), UTF_8);
      return answer.equals("+PONG") || answer.equals("-NOAU");
    } catch (IOException e) {
      return false;
    }
  }

  /** Returns where it listens. */
  public InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  /** Returns the URI for a client. */
  public String uri() {
    return "redis://127.0.0.1:" + port;
  }

  /** Kills it, as {@code kill -9} does. */
  public void kill() {
    process.destroyForcibly();
    waitUntilEnded();
  }

  private void waitUntilEnded() {
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Starts it again, with the data that it has on the disk. */
  public void restart() {
    process = startProcess();
  }

  /** Stops the process where it is; its connections stay open. */
  public void pause() {
    signal("STOP");
  }

  /** Lets a paused process go on. */
  public void resume() {
    signal("CONT");
  }

  private void signal(String signal) {
    try {
      int exit = new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
          .start()
          .waitFor();
      if (exit != 0) {
        throw new IllegalStateException("kill -" + signal + ": " + exit);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    kill();
  }
}
