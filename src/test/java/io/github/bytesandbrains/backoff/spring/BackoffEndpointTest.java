package io.github.bytesandbrains.backoff.spring;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.bytesandbrains.backoff.BackoffState;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.spring.BackoffEndpoint.Action;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the endpoint answers; {@code PricesApplicationTest} asks over HTTP. */
@Tag("spring")
final class BackoffEndpointTest {
  private final ConcurrentBackoffTable<String> hosts = ConcurrentBackoffTable.create();
  private final ConcurrentBackoffTable<URI> uris = ConcurrentBackoffTable.create();
  private final BackoffEndpoint endpoint =
      new BackoffEndpoint(Map.of("hosts", hosts, "uris", uris), Map.of("hosts", hosts));

  @Test
  void tables_manyCoolingPeers_showsTheTenThatWaitLongest() {
    for (int i = 1; i <= 100; i++) {
      hosts.postpone("host" + i, Duration.ofHours(i));
    }
    hosts.restoreState("due", new BackoffState(1, 0, 0));

    BackoffEndpoint.Table table = requireNonNull(endpoint.tables().tables().get("hosts"));

    assertThat(table.tracked()).isEqualTo(101);
    assertThat(table.cooling()).isGreaterThanOrEqualTo(100);
    assertThat(table.longestDelays())
        .extracting(BackoffEndpoint.Peer::peer)
        .containsExactly(
            "host100", "host99", "host98", "host97", "host96", "host95", "host94", "host93",
            "host92", "host91");
  }

  @Test
  void tables_peersThatAreNoStrings_areShownByTheirNames() {
    uris.postpone(URI.create("http://localhost"), Duration.ofHours(1));

    assertThat(endpoint.tables().tables()).containsOnlyKeys("hosts", "uris");
    assertThat(requireNonNull(endpoint.tables().tables().get("uris")).longestDelays())
        .singleElement()
        .extracting(BackoffEndpoint.Peer::peer)
        .isEqualTo("http://localhost");
  }

  @Test
  void steer_peersThatAreNoStrings_isNotFound() {
    assertThat(endpoint.peer("uris", "http://localhost")).isNull();
    assertThat(endpoint.steer("uris", Action.POSTPONE, "a", Duration.ofHours(1)).getStatus())
        .isEqualTo(404);
    assertThat(uris.isEmpty()).isTrue();
  }
}
