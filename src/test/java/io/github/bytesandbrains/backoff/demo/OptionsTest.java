package io.github.bytesandbrains.backoff.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OptionsTest {
  @Test
  void parse_nothing_standardValues() {
    assertThat(Options.parse()).isEqualTo(new Options(200, 16, 30, 1, 0, 0));
  }

  @Test
  void parse_all_theirValues() {
    String line =
        "--peers 20 --workers 4 --seconds 6 --seed -7 --port 20000 --metrics-port 9400 --peers 30";
    assertThat(Options.parse(line.split(" "))).isEqualTo(new Options(30, 4, 6, -7, 20000, 9400));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--peers 0            | peers: 0 (expected: 1 to 1000)",
        "--peers 1001         | peers: 1001 (expected: 1 to 1000)",
        "--peers 4294967297   | peers: 4294967297 (expected: 1 to 1000)",
        "--peers many         | peers: many (expected: 1 to 1000)",
        "--peers              | peers: nothing (expected: 1 to 1000)",
        "--workers -1         | workers: -1 (expected: 1 to 256)",
        "--seconds 2          | seconds: 2 (expected: 3 to 3600)",
        "--seed 1.5           | seed: 1.5 (expected: a whole number)",
        "--port 65536         | port: 65536 (expected: 0 to 65535)",
        "--port 65337         | port: 65337 (expected: 0 to 65336)",
        "--metrics-port -1    | metrics-port: -1 (expected: 0 to 65535)",
      })
  void parse_badValue_oneLineThatNamesIt(String line, String complaint) {
    assertThatThrownBy(() -> Options.parse(line.split(" ")))
        .isInstanceOf(Options.BadOption.class)
        .hasMessage(complaint);
  }

  @ParameterizedTest
  @CsvSource({"--x", "peers", "-peers", "''"})
  void parse_unknownOption_oneLineThatNamesTheKnown(String option) {
    assertThatThrownBy(() -> Options.parse(option, "3"))
        .isInstanceOf(Options.BadOption.class)
        .hasMessage("unknown option: "
            + option
            + " (expected: --peers, --workers, --seconds, --seed, --port, --metrics-port"
            + " or --help)");
  }

  @Test
  void usage_always_namesEveryOption() {
    assertThat(Options.usage())
        .contains("--peers N", "--workers N", "--seconds N", "--seed N", "--port N")
        .contains("--metrics-port N", "--help");
  }
}
