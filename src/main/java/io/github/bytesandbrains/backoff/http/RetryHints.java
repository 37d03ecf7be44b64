package io.github.bytesandbrains.backoff.http;

import static java.util.Objects.requireNonNull;

import java.math.BigInteger;
import java.net.http.HttpHeaders;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the delay that a response requests, from its headers and the wall-clock time at which it
 * was received. Header names are compared without case. A malformed header counts as absent; none
 * makes these functions throw. No delay is negative. There is no upper bound here: the table's
 * {@code maxAdvisory} is the bound. Pure functions, so thread-safe.
 *
 * <p><b>Skew.</b> A point in time in a header is on the clock of the origin server. The present
 * time on that clock is {@code Date} plus {@code Age}, the seconds that the response spent in
 * caches (RFC 9110, 6.6.1; RFC 9111, 5.1). Only a response without a {@code Date} is measured
 * against the local clock.
 *
 * <p>For another client, convert its headers with {@link HttpHeaders#of}.
 */
public final class RetryHints {
  /** A longer value is malformed. It also bounds the depth of the patterns below. */
  private static final int MAX_LENGTH = 1_000;

  /** More than any date has, and far from overflow. */
  private static final BigInteger MAX_NUMBER = BigInteger.TEN.pow(18);

  /** RFC 9111, 1.2.2: a greater one counts as this. */
  private static final long MAX_AGE_SECONDS = 1L << 31;

  // Structured fields (RFC 9651): a list of strings or tokens, each with parameters.
  private static final String STRING = "\"(?:[ !#-\\[\\]-~]|\\\\[\"\\\\])*+\"";
  private static final String TOKEN = "[A-Za-z*][A-Za-z0-9!#$%&'*+.^_`|~:/-]*+";
  private static final String PARAMETER =
      ";[ ]*+([a-z*][a-z0-9_.*-]*+)(?:=(" + STRING + "|[^\\s;,\"]++))?+";
  private static final String ITEM = "(?:" + STRING + "|" + TOKEN + ")((?:" + PARAMETER + ")*+)";
  private static final Pattern PARAMETERS = Pattern.compile(PARAMETER);
  private static final Pattern ITEMS = Pattern.compile(ITEM);
  private static final Pattern LIST =
      Pattern.compile("[ ]*+" + ITEM + "(?:[ \\t]*+,[ \\t]*+" + ITEM + ")*+[ ]*+");

  private RetryHints() {}

  /** Returns {@link #retryAfter}, otherwise {@link #exhaustedLimit}. */
  public static Optional<Duration> delay(HttpHeaders headers, Instant received) {
    return retryAfter(headers, received).or(() -> exhaustedLimit(headers, received));
  }

  /**
   * Returns the delay that is requested by the first of these headers that is present and well
   * formed:
   *
   * <ol>
   *   <li>{@code retry-after-ms}, {@code x-ms-retry-after-ms}: milliseconds; used by OpenAI and
   *       Azure;
   *   <li>{@code Retry-After} (RFC 9110, 10.2.3): seconds, in digits only;
   *   <li>{@code Retry-After}: an HTTP-date in any of its three forms (RFC 9110, 5.6.7), such as
   *       {@code Sun, 06 Nov 1994 08:49:37 GMT}, {@code Sunday, 06-Nov-94 08:49:37 GMT} and {@code
   *       Sun Nov 6 08:49:37 1994}. A year of two digits is at most 50 years in the future.
   * </ol>
   *
   * @param received the wall-clock time at which the headers came
   * @return zero for a date in the past
   */
  public static Optional<Duration> retryAfter(HttpHeaders headers, Instant received) {
    requireNonNull(received, "received");
    for (String name : List.of("retry-after-ms", "x-ms-retry-after-ms")) {
      OptionalLong millis = number(headers, name);
      if (millis.isPresent()) {
        return Optional.of(Duration.ofMillis(millis.getAsLong()));
      }
    }
    OptionalLong seconds = number(headers, "Retry-After");
    return seconds.isPresent()
        ? Optional.of(Duration.ofSeconds(seconds.getAsLong()))
        : date(headers, "Retry-After", received).map(date -> until(date, headers, received));
  }

  /**
   * Returns how long it is until a rate limit that this response exhausted has units again: the
   * first of
   *
   * <ol>
   *   <li>{@code RateLimit} of the IETF draft "RateLimit header fields for HTTP"
   *       (draft-ietf-httpapi-ratelimit-headers-09), as in {@code "default";r=0;t=30}: the longest
   *       {@code t} of the items with {@code r=0}, in seconds;
   *   <li>{@code X-RateLimit-Remaining: 0} with {@code X-RateLimit-Reset}, or the same without
   *       {@code X-}, as in earlier drafts. A reset above 10<sup>12</sup> is a point in time in
   *       milliseconds since 1970, one above 10<sup>9</sup> in seconds; a smaller one is a number
   *       of seconds from now.
   * </ol>
   *
   * <p>A limit with units left is no hint. Neither is a response from a cache ({@code Age} above
   * 0): it says what was left for somebody else.
   *
   * @param received the wall-clock time at which the headers came
   * @return zero for a reset in the past
   */
  public static Optional<Duration> exhaustedLimit(HttpHeaders headers, Instant received) {
    requireNonNull(received, "received");
    if (number(headers, "Age").orElse(0) > 0) {
      return Optional.empty();
    }
    return rateLimit(headers)
        .or(() -> reset(headers, "X-RateLimit-", received))
        .or(() -> reset(headers, "RateLimit-", received));
  }

  private static Optional<Duration> rateLimit(HttpHeaders headers) {
    String field = String.join(",", headers.allValues("RateLimit"));
    if (field.length() > MAX_LENGTH || !LIST.matcher(field).matches()) {
      return Optional.empty();
    }
    return ITEMS
        .matcher(field)
        .results()
        .map(item -> window(item.group(1)))
        .flatMap(Optional::stream)
        .max(Duration::compareTo);
  }

  /** The {@code t} of an item whose {@code r} is 0. */
  private static Optional<Duration> window(String parameters) {
    OptionalLong remaining = OptionalLong.empty();
    OptionalLong seconds = OptionalLong.empty();
    for (Matcher parameter = PARAMETERS.matcher(parameters); parameter.find(); ) {
      String name = parameter.group(1);
      String value = parameter.group(2) == null ? "" : parameter.group(2);
      if (name.equals("r")) {
        remaining = number(value);
      } else if (name.equals("t")) {
        seconds = number(value);
      }
    }
    return remaining.orElse(-1) == 0 && seconds.isPresent()
        ? Optional.of(Duration.ofSeconds(seconds.getAsLong()))
        : Optional.empty();
  }

  private static Optional<Duration> reset(HttpHeaders headers, String prefix, Instant received) {
    OptionalLong reset = number(headers, prefix + "Reset");
    if (number(headers, prefix + "Remaining").orElse(-1) != 0 || reset.isEmpty()) {
      return Optional.empty();
    }
    long value = reset.getAsLong();
    if (value > 1_000_000_000_000L) {
      return Optional.of(until(Instant.ofEpochMilli(value), headers, received));
    }
    return Optional.of(
        value > 1_000_000_000
            ? until(Instant.ofEpochSecond(value), headers, received)
            : Duration.ofSeconds(value));
  }

  /** How long it is until then, on the origin's clock; zero if that has passed. */
  private static Duration until(Instant then, HttpHeaders headers, Instant received) {
    long age = Math.min(number(headers, "Age").orElse(0), MAX_AGE_SECONDS);
    Instant now =
        date(headers, "Date", received).map(date -> date.plusSeconds(age)).orElse(received);
    return then.isAfter(now) ? Duration.between(now, then) : Duration.ZERO;
  }

  private static Optional<Instant> date(HttpHeaders headers, String name, Instant received) {
    return headers
        .firstValue(name)
        .filter(value -> value.length() <= MAX_LENGTH)
        .flatMap(value -> HttpDates.parse(value.strip(), received));
  }

  private static OptionalLong number(HttpHeaders headers, String name) {
    return number(headers.firstValue(name).orElse("").strip());
  }

  /** A number in digits only, at most {@link #MAX_NUMBER}. */
  private static OptionalLong number(String text) {
    boolean digits = text.chars().allMatch(c -> c >= '0' && c <= '9');
    return digits && !text.isEmpty() && text.length() <= MAX_LENGTH
        ? OptionalLong.of(new BigInteger(text).min(MAX_NUMBER).longValue())
        : OptionalLong.empty();
  }
}
