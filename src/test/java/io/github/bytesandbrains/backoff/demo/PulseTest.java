package io.github.bytesandbrains.backoff.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PulseTest {
  private static final Options OPTIONS = Options.parse("--seconds", "10"); // a run is 3 s

  private final Pulse pulse = Pulse.of(OPTIONS);

  @Test
  void repliesPerSecond_sliceThatIsOver_itsReplies() {
    pulse.served(0);
    pulse.served(Duration.ofMillis(150).toNanos() - 1);
    pulse.served(Duration.ofMillis(150).toNanos());
    assertThat(pulse.repliesPerSecond(Duration.ofMillis(300))).containsExactly(13L, 7L);
  }

  @Test
  void repliesPerSecond_sliceThatLasts_leftOut() {
    pulse.served(1);
    assertThat(pulse.repliesPerSecond(Duration.ofMillis(149))).isEmpty();
    assertThat(pulse.repliesPerSecond(Duration.ofMillis(299))).containsExactly(7L);
  }

  @Test
  void served_afterTheLastSlice_leftOut() {
    Duration longest = OPTIONS.run().plus(OPTIONS.overtime());
    pulse.served(longest.toNanos());
    assertThat(pulse.repliesPerSecond(longest.multipliedBy(2)))
        .hasSize((int) longest.dividedBy(pulse.slice()))
        .containsOnly(0L);
  }

  @Test
  void slice_longRun_aFiftiethOfIt() {
    Options options = Options.parse("--seconds", "1000");
    assertThat(Pulse.of(options).slice()).isEqualTo(options.run().dividedBy(50));
  }
}
