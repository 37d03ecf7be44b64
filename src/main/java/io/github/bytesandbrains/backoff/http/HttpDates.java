package io.github.bytesandbrains.backoff.http;

import static java.time.ZoneOffset.UTC;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Locale;
import java.util.Optional;

/** Reads the three forms of an HTTP-date (RFC 9110, 5.6.7). The weekday is not checked. */
final class HttpDates {
  /** {@code 06-Nov-94 08:49:37 GMT}, in this century at first. */
  private static final DateTimeFormatter RFC_850 = formatter("dd-MMM-uu HH:mm:ss 'GMT'");

  /** {@code Nov  6 08:49:37 1994}. */
  private static final DateTimeFormatter ASCTIME = formatter("MMM ppd HH:mm:ss uuuu");

  private HttpDates() {}

  private static DateTimeFormatter formatter(String pattern) {
    return new DateTimeFormatterBuilder()
        .parseCaseInsensitive()
        .appendPattern(pattern)
        .toFormatter(Locale.US);
  }

  /** @param received decides the century of a year of two digits */
  static Optional<Instant> parse(String text, Instant received) {
    int comma = text.indexOf(',');
    String date = text.substring(comma < 0 ? text.indexOf(' ') + 1 : comma + 1).strip();
    try {
      if (comma < 0) {
        return Optional.of(LocalDateTime.parse(date, ASCTIME).toInstant(UTC));
      }
      return Optional.of(
          date.indexOf('-') < 0
              ? Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date))
              : inCentury(LocalDateTime.parse(date, RFC_850), received).toInstant(UTC));
    } catch (DateTimeException malformed) {
      return Optional.empty();
    }
  }

  /** A year that appears to be more than 50 years in the future is one of the past. */
  private static LocalDateTime inCentury(LocalDateTime date, Instant received) {
    LocalDateTime latest = LocalDateTime.ofInstant(received, UTC).plusYears(50);
    long years = Math.floorDiv(latest.getYear() - date.getYear(), 100) * 100L;
    LocalDateTime moved = date.plusYears(years);
    return moved.isAfter(latest) ? moved.minusYears(100) : moved;
  }
}
