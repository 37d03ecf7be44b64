package io.github.bytesandbrains.backoff.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SpreadTest {
  @Test
  void of_onlyOneDelay_noSpread() {
    Spread spread = Spread.of(attempts -> attempts, 3);
    assertThat(spread.low()).containsExactly(1, 2, 3);
    assertThat(spread.high()).containsExactly(1, 2, 3);
    assertThat(spread.some()).hasDimensions(3, 6);
  }

  @Test
  void of_anyOrder_whatNinetyEightOfAHundredAreWithin() {
    AtomicLong asked = new AtomicLong();
    Spread spread = Spread.of(attempts -> 100 - asked.getAndIncrement() % 100, 1);
    assertThat(spread.some()[0]).startsWith(100, 99, 98);
    assertThat(spread.low()).containsExactly(2);
    assertThat(spread.high()).containsExactly(99);
  }
}
