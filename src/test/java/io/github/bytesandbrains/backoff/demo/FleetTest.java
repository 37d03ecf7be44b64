package io.github.bytesandbrains.backoff.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.bytesandbrains.backoff.demo.Condition.Mode;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.BindException;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each behaviour of a peer, over real sockets. */
class FleetTest {
  private static final byte[] REQUEST = {1, 2, 3};

  private final Client client = new Client(Duration.ofSeconds(5));
  private final Client hasty = new Client(Duration.ofMillis(50));

  private Fleet fleet;
  private Peer peer;

  @BeforeEach
  void open() throws IOException {
    fleet = new Fleet(3, 0);
    peer = fleet.peers().get(1);
  }

  @AfterEach
  void close() throws IOException {
    fleet.close();
  }

  @Test
  void send_serving_served() {
    fleet.peers().forEach(p -> assertThat(send(client, p)).isEqualTo(Outcome.SERVED));
  }

  @Test
  void send_severalInPieces_eachAnswered() throws IOException {
    try (Socket socket = connected(peer)) {
      OutputStream out = socket.getOutputStream();
      DataInputStream in = new DataInputStream(socket.getInputStream());
      for (int i = 0; i < 3; i++) {
        for (byte piece : Wire.frame(ByteBuffer.wrap(REQUEST)).array()) {
          out.write(piece);
          out.flush();
        }
        assertThat(Wire.readBody(in)).isEqualTo(ByteBuffer.wrap(new byte[] {Wire.DONE, 1, 2, 3}));
      }
    }
  }

  @Test
  void send_noFrame_connectionEnds() throws IOException {
    try (Socket socket = connected(peer)) {
      socket.getOutputStream().write(new byte[] {-1, -1, -1, -1});
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void send_refused_connectException() {
    become(Mode.REFUSED, 0);
    awaitOutcome(Outcome.REFUSED);
    assertThatThrownBy(() -> connected(peer).close()).isInstanceOf(ConnectException.class);
    assertThat(send(client, fleet.peers().get(0))).isEqualTo(Outcome.SERVED);
  }

  @Test
  void send_refusedThenServing_servedOnTheSamePort() {
    for (int i = 0; i < 5; i++) {
      become(Mode.REFUSED, 0);
      awaitOutcome(Outcome.REFUSED);
      fleet.become(peer, Condition.SERVING);
      awaitOutcome(Outcome.SERVED);
    }
    assertThat(fleet.trouble(peer)).isEmpty();
  }

  @Test
  void refused_othersWantThePort_itStaysTaken() {
    become(Mode.REFUSED, 0);
    awaitOutcome(Outcome.REFUSED);
    await().untilAsserted(this::cannotBind);
  }

  @Test
  void send_hung_connectsAndTimesOut() throws IOException {
    become(Mode.HUNG, 0);
    assertThat(send(hasty, peer)).isEqualTo(Outcome.TIMED_OUT);
    try (Socket socket = connected(peer)) {
      socket.setSoTimeout(50);
      socket.getOutputStream().write(Wire.frame(ByteBuffer.wrap(REQUEST)).array());
      assertThatThrownBy(() -> socket.getInputStream().read())
          .isInstanceOf(SocketTimeoutException.class);
    }
    fleet.become(peer, Condition.SERVING);
    assertThat(send(client, peer)).isEqualTo(Outcome.SERVED);
  }

  @Test
  void send_busy_itsAdvisory() {
    become(Mode.BUSY, 321);
    assertThat(send(client, peer)).isEqualTo(Outcome.busy(321));
    fleet.become(peer, Condition.SERVING);
    assertThat(send(client, peer)).isEqualTo(Outcome.SERVED);
  }

  @Test
  void send_flapping_refusedAndServedInTurn() {
    become(Mode.FLAPPING, 50);
    for (int i = 0; i < 3; i++) {
      awaitOutcome(Outcome.REFUSED);
      awaitOutcome(Outcome.SERVED);
    }
  }

  @Test
  void open_portTaken_badOptionThatNamesThePort() throws IOException {
    try (ServerSocket taken = new ServerSocket()) {
      taken.bind(Loopback.port(0));
      int port = taken.getLocalPort();
      assertThatThrownBy(() -> new Fleet(1, port).close())
          .isInstanceOf(Options.BadOption.class)
          .hasMessageStartingWith("port: " + port + " (expected: 1 free ports from there; " + port);
    }
  }

  @Test
  void close_always_everyPortIsFree() throws IOException {
    fleet.close();
    for (Peer closed : fleet.peers()) {
      assertThat(send(client, closed)).isEqualTo(Outcome.REFUSED);
    }
  }

  private void cannotBind() throws IOException {
    try (ServerSocket other = new ServerSocket()) {
      other.setReuseAddress(false);
      assertThatThrownBy(() -> other.bind(peer.address())).isInstanceOf(BindException.class);
    }
  }

  private void become(Mode mode, int millis) {
    fleet.become(peer, new Condition(mode, millis));
  }

  private void awaitOutcome(Outcome outcome) {
    await()
        .pollInterval(Duration.ofMillis(2))
        .untilAsserted(() -> assertThat(send(client, peer)).isEqualTo(outcome));
  }

  private static Outcome send(Client client, Peer peer) {
    return client.send(peer.address(), REQUEST);
  }

  private static Socket connected(Peer peer) throws IOException {
    Socket socket = new Socket();
    socket.setSoTimeout(5000);
    socket.connect(peer.address(), 5000);
    return socket;
  }
}
