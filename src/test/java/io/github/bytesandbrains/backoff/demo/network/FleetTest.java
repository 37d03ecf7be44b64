package io.github.bytesandbrains.backoff.demo.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.bytesandbrains.backoff.demo.network.PeerBehavior.Mode;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each behavior of a peer, over real sockets. */
class FleetTest {
  private final SocketClient client = new SocketClient(Duration.ofSeconds(5));
  private final SocketClient hasty = new SocketClient(Duration.ofMillis(50));

  private Fleet fleet;
  private Peer peer;

  @BeforeEach
  void open() throws IOException {
    fleet = new Fleet(3, 0, Protocol.LONG);
    peer = fleet.peers().get(1);
  }

  @AfterEach
  void close() throws IOException {
    fleet.close();
  }

  @Test
  void send_serving_served() {
    assertThat(fleet.peers())
        .allSatisfy(p -> assertThat(send(client, p)).isEqualTo(SendResult.SERVED));
  }

  @Test
  void send_severalInPieces_eachAnswered() throws IOException {
    try (Socket socket = connect(peer)) {
      OutputStream out = socket.getOutputStream();
      DataInputStream in = new DataInputStream(socket.getInputStream());
      for (int request = 0; request < 3; request++) {
        for (byte piece : new byte[] {0, 0, 0, 0, 0, 0, 0, (byte) request}) {
          out.write(piece);
        }
        assertThat(in.readLong()).isEqualTo(request);
      }
    }
  }

  @Test
  void send_refused_othersServeAndThePortStaysTaken() {
    become(Mode.REFUSED, 0);
    awaitResult(SendResult.REFUSED);
    assertThat(send(client, fleet.peers().get(0))).isEqualTo(SendResult.SERVED);
    await().untilAsserted(this::cannotBind);
  }

  @Test
  void send_refusedThenServing_servedOnTheSamePort() {
    for (int i = 0; i < 5; i++) {
      become(Mode.REFUSED, 0);
      awaitResult(SendResult.REFUSED);
      become(Mode.SERVING, 0);
      awaitResult(SendResult.SERVED);
    }
  }

  @Test
  void send_hung_connectsAndTimesOut() throws IOException {
    become(Mode.HUNG, 0);
    assertThat(send(hasty, peer)).isEqualTo(SendResult.TIMED_OUT);
    try (Socket socket = connect(peer)) {
      socket.setSoTimeout(50);
      socket.getOutputStream().write(new byte[Long.BYTES]);
      assertThatThrownBy(() -> socket.getInputStream().read())
          .isInstanceOf(SocketTimeoutException.class);
    }
    become(Mode.SERVING, 0);
    assertThat(send(client, peer)).isEqualTo(SendResult.SERVED);
  }

  @Test
  void send_busy_itsAdvisory() {
    become(Mode.BUSY, 321);
    assertThat(send(client, peer)).isEqualTo(SendResult.busy(Duration.ofMillis(321)));
  }

  @Test
  void send_flapping_alternatelyRefusedAndServed() {
    become(Mode.FLAPPING, 50);
    for (int i = 0; i < 3; i++) {
      awaitResult(SendResult.REFUSED);
      awaitResult(SendResult.SERVED);
    }
  }

  @Test
  void send_http_asOverSockets() throws Exception {
    try (Fleet http = new Fleet(1, 0, Protocol.HTTP)) {
      HttpClient plain = HttpClient.newHttpClient();
      HttpPeerClient patient = new HttpPeerClient(plain, Duration.ofSeconds(5));
      Peer only = http.peers().get(0);
      for (int i = 0; i < 3; i++) { // the first leaves a connection to the others
        assertThat(patient.send(only)).isEqualTo(SendResult.SERVED);
      }
      http.become(List.of(new PeerBehavior(Mode.BUSY, 321)));
      assertThat(patient.send(only)).isEqualTo(SendResult.busy(Duration.ofMillis(321)));
      http.become(List.of(new PeerBehavior(Mode.HUNG, 0)));
      assertThat(new HttpPeerClient(plain, Duration.ofMillis(50)).send(only))
          .isEqualTo(SendResult.TIMED_OUT);
    }
  }

  @Test
  void become_refused_openConnectionsAreReset() throws IOException {
    try (Socket idle = connect(peer);
        Socket other = connect(fleet.peers().get(0))) {
      exchange(idle);
      exchange(other);
      become(Mode.REFUSED, 0);
      assertThatThrownBy(() -> idle.getInputStream().read()).isInstanceOf(SocketException.class);
      exchange(other);
    }
  }

  @Test
  void open_portTaken_exceptionThatNamesThePort() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = taken.getLocalPort();
      assertThatThrownBy(() -> new Fleet(1, port, Protocol.LONG).close())
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("port " + port + ": ");
    }
  }

  @Test
  void close_always_everyPortIsFree() throws IOException {
    fleet.close();
    assertThat(fleet.peers())
        .allSatisfy(p -> assertThat(send(client, p)).isEqualTo(SendResult.REFUSED));
  }

  private void cannotBind() throws IOException {
    try (ServerSocket other = new ServerSocket()) {
      other.setReuseAddress(false);
      assertThatThrownBy(() -> other.bind(peer.address())).isInstanceOf(BindException.class);
    }
  }

  private void become(Mode mode, int millis) {
    List<PeerBehavior> behaviors =
        new ArrayList<>(Collections.nCopies(fleet.peers().size(), PeerBehavior.SERVING));
    behaviors.set(peer.number(), new PeerBehavior(mode, millis));
    fleet.become(behaviors);
  }

  private void awaitResult(SendResult result) {
    await()
        .pollInterval(Duration.ofMillis(2))
        .untilAsserted(() -> assertThat(send(client, peer)).isEqualTo(result));
  }

  private static SendResult send(SocketClient client, Peer peer) {
    return client.send(peer);
  }

  private static void exchange(Socket socket) throws IOException {
    socket.getOutputStream().write(new byte[Long.BYTES]);
    assertThat(new DataInputStream(socket.getInputStream()).readLong()).isZero();
  }

  private static Socket connect(Peer peer) throws IOException {
    Socket socket = new Socket(peer.address().getAddress(), peer.address().getPort());
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(5000);
    return socket;
  }
}
