package io.github.bytesandbrains.backoff.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpHeaders;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RetryHintsTest {
  private static final Instant NOW = Instant.parse("2026-11-06T08:49:37Z");
  private static final long EPOCH = NOW.getEpochSecond();

  /** @param namesAndValues alternating; a name may come twice */
  static HttpHeaders headers(String... namesAndValues) {
    Map<String, List<String>> map = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      map.computeIfAbsent(namesAndValues[i], name -> new ArrayList<>()).add(namesAndValues[i + 1]);
    }
    return HttpHeaders.of(map, (name, value) -> true);
  }

  private static Optional<Duration> retryAfter(String... namesAndValues) {
    return RetryHints.retryAfter(headers(namesAndValues), NOW);
  }

  private static Optional<Duration> exhausted(String... namesAndValues) {
    return RetryHints.exhaustedLimit(headers(namesAndValues), NOW);
  }

  @ParameterizedTest
  @CsvSource({
    "0, PT0S",
    "1, PT1S",
    "120, PT2M",
    "007, PT7S",
    "'  30 ', PT30S",
    "0000000000000000000000000000005, PT5S",
  })
  void retryAfter_digits_areSeconds(String value, Duration expected) {
    assertThat(retryAfter("Retry-After", value)).contains(expected);
    assertThat(retryAfter("RETRY-AFTER", value)).contains(expected);
  }

  @Test
  void retryAfter_moreDigitsThanALong_isAVeryLongTime() {
    assertThat(retryAfter("Retry-After", "9".repeat(40)).orElseThrow())
        .isGreaterThan(Duration.ofDays(365_000_000_000L));
    assertThat(retryAfter("Retry-After", "9".repeat(1_001))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "-1",
        "+1",
        "1.5",
        "1e3",
        "0x10",
        "٣",
        "30s",
        "30,",
        "30, 40",
        "soon",
        "null",
        "Fri",
        "Fri,",
        ",",
        "Fri, 06 Nov 2026",
        "Fri, 06 Nov 2026 25:00:00 GMT",
        "Fri, 31 Feb 2026 08:49:37 XYZ",
        "Friday, 06-Nov-2026 08:49:37 GMT",
        "Friday, 06-Foo-26 08:49:37 GMT",
        "Fri Nov 6 2026 08:49:37",
        "2026-11-06T08:49:37Z",
      })
  void retryAfter_malformed_isNoHint(String value) {
    assertThat(retryAfter("Retry-After", value)).isEmpty();
    assertThat(RetryHints.delay(headers("Retry-After", value), NOW)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Fri, 06 Nov 2026 08:50:07 GMT",
        "Friday, 06-Nov-26 08:50:07 GMT",
        "Fri Nov  6 08:50:07 2026",
        "Fri, 6 Nov 2026 08:50:07 GMT", // not by the grammar, but sent
        "fri, 06 nov 2026 08:50:07 gmt",
      })
  void retryAfter_eachFormOfADate_isMeasuredAgainstTheOriginsClock(String date) {
    assertThat(retryAfter("Retry-After", date)).contains(Duration.ofSeconds(30));
    // The origin's clock is an hour behind, or ahead; the local one does not matter.
    assertThat(retryAfter("Retry-After", date, "Date", "Fri, 06 Nov 2026 07:49:37 GMT"))
        .contains(Duration.ofSeconds(3630));
    assertThat(retryAfter("Retry-After", date, "Date", "Friday, 06-Nov-26 07:49:37 GMT"))
        .contains(Duration.ofSeconds(3630));
    assertThat(retryAfter("Retry-After", date, "Date", "Fri Nov  6 09:49:37 2026"))
        .contains(Duration.ZERO);
    // From a cache, where it spent 20 s.
    assertThat(
            retryAfter("Retry-After", date, "Date", "Fri, 06 Nov 2026 08:49:37 GMT", "Age", "20"))
        .contains(Duration.ofSeconds(10));
    // Without a usable Date, there is only the local clock.
    assertThat(retryAfter("Retry-After", date, "Date", "yesterday", "Age", "20"))
        .contains(Duration.ofSeconds(30));
    assertThat(retryAfter("Retry-After", date, "Date", "Fri, 06 Nov 2026 08:49:37 GMT", "Age", "x"))
        .contains(Duration.ofSeconds(30));
    assertThat(retryAfter(
            "Retry-After", date, "Date", "Fri, 06 Nov 2026 08:49:37 GMT", "Age", "9".repeat(99)))
        .contains(Duration.ZERO);
  }

  @Test
  void retryAfter_eachDayOfFourYears_isReadInEachForm() {
    List<DateTimeFormatter> forms = List.of(
        DateTimeFormatter.ofPattern("EEE, dd MMM uuuu HH:mm:ss 'GMT'", Locale.US),
        DateTimeFormatter.ofPattern("EEEE, dd-MMM-uu HH:mm:ss 'GMT'", Locale.US),
        DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss uuuu", Locale.US));
    for (int day = 0; day < 4 * 366; day++) {
      Duration ahead = Duration.ofDays(day).plusSeconds(day);
      for (DateTimeFormatter form : forms) {
        String date = form.format(NOW.plus(ahead).atOffset(ZoneOffset.UTC));
        assertThat(retryAfter("Retry-After", date)).as(date).contains(ahead);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "26, 2026",
    "76, 2076", // exactly 50 years ahead, to the second
    "77, 1977",
    "94, 1994",
    "99, 1999",
    "00, 2000",
    "27, 2027",
  })
  void retryAfter_yearOfTwoDigits_isAtMost50YearsAhead(String year, int expected) {
    Instant read =
        HttpDates.parse("Sunday, 06-Nov-" + year + " 08:49:37 GMT", NOW).orElseThrow();

    assertThat(read.atOffset(ZoneOffset.UTC).getYear()).isEqualTo(expected);
  }

  @Test
  void retryAfter_oneSecondMoreThan50YearsAhead_isOfThePast() {
    assertThat(HttpDates.parse("Friday, 06-Nov-76 08:49:38 GMT", NOW))
        .contains(Instant.parse("1976-11-06T08:49:38Z"));
    assertThat(HttpDates.parse(
            "Friday, 06-Nov-26 08:49:38 GMT", Instant.parse("1994-01-01T00:00:00Z")))
        .contains(Instant.parse("2026-11-06T08:49:38Z"));
    assertThat(HttpDates.parse(
            "Friday, 06-Nov-26 08:49:38 GMT", Instant.parse("2099-01-01T00:00:00Z")))
        .contains(Instant.parse("2126-11-06T08:49:38Z"));
  }

  @Test
  void retryAfter_inMilliseconds_comesBeforeSeconds() {
    assertThat(retryAfter("retry-after-ms", "1500", "Retry-After", "2"))
        .contains(Duration.ofMillis(1500));
    assertThat(retryAfter("x-ms-retry-after-ms", "250")).contains(Duration.ofMillis(250));
    assertThat(retryAfter("retry-after-ms", "1.5", "x-ms-retry-after-ms", "-1", "Retry-After", "2"))
        .contains(Duration.ofSeconds(2));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"default\";r=0;t=30 | PT30S",
        "\"default\";t=30;r=0 | PT30S",
        "default;r=0;t=30 | PT30S",
        "\"burst\";r=0;t=10, \"daily\";r=0;t=3600 | PT1H",
        "\"burst\";r=0;t=10, \"daily\";r=7;t=3600 | PT10S",
        "\"a,b;r=0\";r=0;t=5;pk=:AQID: | PT5S",
        "\"quo\\\"te\"; r=0; t=5 | PT5S",
        "\"last wins\";r=1;r=0;t=5 | PT5S",
        "\"now\";r=0;t=0 | PT0S",
      })
  void exhaustedLimit_rateLimitOfTheDraft_isTheLongestExhaustedWindow(
      String field, Duration expected) {
    assertThat(exhausted("RateLimit", field)).contains(expected);
    assertThat(RetryHints.delay(headers("RateLimit", field), NOW)).contains(expected);
    assertThat(exhausted("RateLimit", field, "Age", "0")).contains(expected);
    assertThat(exhausted("RateLimit", field, "Age", "1")).isEmpty();
    assertThat(RetryHints.delay(headers("RateLimit", field, "Retry-After", "7"), NOW))
        .contains(Duration.ofSeconds(7));
  }

  @Test
  void exhaustedLimit_rateLimitOnTwoLines_isOneList() {
    assertThat(exhausted("RateLimit", "\"a\";r=0;t=10", "RateLimit", "\"b\";r=0;t=20"))
        .contains(Duration.ofSeconds(20));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"default\";r=1;t=30",
        "\"default\";r=0",
        "\"default\";t=30",
        "\"default\"",
        "",
        "\"default;r=0;t=30",
        "\"default\";r=0;t=30,",
        ",\"default\";r=0;t=30",
        "\"default\";r=0;t=30;",
        "\"default\" r=0 t=30",
        "\"default\";R=0;T=30",
        "\"default\";r=0;t=-30",
        "\"default\";r=0;t=30.5",
        "\"default\";r=\"0\";t=30",
        "limit=100, remaining=0, reset=30",
        "0",
        ";;;",
      })
  void exhaustedLimit_rateLimitWithUnitsLeftOrMalformed_isNoHint(String field) {
    assertThat(exhausted("RateLimit", field)).isEmpty();
  }

  @Test
  void exhaustedLimit_veryLongField_isNoHintAndDoesNotOverflowTheStack() {
    assertThat(exhausted("RateLimit", "\"a\";r=0;t=30" + ",\"a\";r=0;t=30".repeat(100_000)))
        .isEmpty();
    assertThat(exhausted("RateLimit", "\"" + "\\\"".repeat(480) + "\";r=0;t=30"))
        .contains(Duration.ofSeconds(30));
  }

  @ParameterizedTest
  @ValueSource(strings = {"X-RateLimit-", "x-ratelimit-", "RateLimit-"})
  void exhaustedLimit_reset_isATimeOrADelayByItsSize(String prefix) {
    assertThat(exhausted(prefix + "Remaining", "0", prefix + "Reset", "30"))
        .contains(Duration.ofSeconds(30));
    assertThat(exhausted(prefix + "Remaining", "0", prefix + "Reset", "1000000000"))
        .contains(Duration.ofSeconds(1_000_000_000));
    assertThat(exhausted(prefix + "Remaining", "0", prefix + "Reset", "" + (EPOCH + 30)))
        .contains(Duration.ofSeconds(30));
    assertThat(exhausted(prefix + "Remaining", "0", prefix + "Reset", (EPOCH + 30) + "250"))
        .contains(Duration.ofMillis(30_250));
    assertThat(exhausted(prefix + "Remaining", "0", prefix + "Reset", "" + (EPOCH - 30)))
        .contains(Duration.ZERO);
    assertThat(exhausted(prefix + "Remaining", "0", prefix + "Reset", "1000000001"))
        .contains(Duration.ZERO);
    assertThat(exhausted(
            prefix + "Remaining",
            "0",
            prefix + "Reset",
            "" + (EPOCH + 30),
            "Date",
            "Fri, 06 Nov 2026 08:49:47 GMT"))
        .contains(Duration.ofSeconds(20));
    assertThat(exhausted(prefix + "Remaining", "1", prefix + "Reset", "30")).isEmpty();
    assertThat(exhausted(prefix + "Remaining", "0")).isEmpty();
    assertThat(exhausted(prefix + "Reset", "30")).isEmpty();
    assertThat(exhausted(prefix + "Remaining", "0", prefix + "Reset", "soon")).isEmpty();
    assertThat(exhausted(prefix + "Remaining", "0", prefix + "Reset", "30", "Age", "5"))
        .isEmpty();
  }
}
