package io.github.bytesandbrains.backoff.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What one node says about some peers. As fields and values of Redis: {@code node} and its ID,
 * {@code at} and the engine's time, and then each peer with its report, such as {@code 5000,12}: 12
 * ms before that time it failed, and is left alone for 5 s since. The delay of a peer that
 * recovered is 0.
 *
 * @param sentMillis the engine's time as it was sent, by the reckoning of the node; the engine may
 *     execute it much later
 * @param reports by the name of the peer
 * @param dropped how many reports were left out, because they were not valid
 */
record LogEntry(String node, long sentMillis, Map<String, Report> reports, int dropped) {
  /** What a node says about one peer. */
  record Report(long delayMillis, long ageMillis) {}

  static final int MAXIMUM_REPORTS = 128;

  /** The fields of an entry that has as many reports as are read. */
  static final int MAXIMUM_FIELDS = 2 * (2 + MAXIMUM_REPORTS);

  static final int MAXIMUM_NAME_BYTES = 256;
  private static final Pattern NODE = Pattern.compile("[A-Za-z0-9._:-]{1,64}");
  private static final Pattern MILLIS = Pattern.compile("[0-9]{1,15}");
  private static final Pattern REPORT = Pattern.compile("([0-9]{1,15}),([0-9]{1,15})");

  static boolean isNode(String text) {
    return NODE.matcher(text).matches();
  }

  /** Whether a peer of this name can be shared. */
  static boolean isName(String text) {
    return !text.isEmpty()
        && text.length() <= MAXIMUM_NAME_BYTES
        && text.getBytes(UTF_8).length <= MAXIMUM_NAME_BYTES;
  }

  /** Returns the fields and values, in alternation. */
  List<String> fields() {
    List<String> fields = new ArrayList<>(2 * (2 + reports.size()));
    fields.add("node");
    fields.add(node);
    fields.add("at");
    fields.add(Long.toString(sentMillis));
    reports.forEach((name, report) -> {
      fields.add(name);
      fields.add(report.delayMillis + "," + report.ageMillis);
    });
    return fields;
  }

  /** Reads what {@link #fields} returns, or anything else; null if it is not an entry. */
  static @Nullable LogEntry parse(List<String> fields) {
    if (fields.size() < 4
        || !fields.get(0).equals("node")
        || !isNode(fields.get(1))
        || !fields.get(2).equals("at")
        || !MILLIS.matcher(fields.get(3)).matches()) {
      return null;
    }
    Map<String, Report> reports = new LinkedHashMap<>();
    int dropped = 0;
    for (int i = 4; i < fields.size(); i += 2) {
      Matcher report = REPORT.matcher(i + 1 < fields.size() ? fields.get(i + 1) : "");
      if (isName(fields.get(i)) && report.matches()) {
        reports.put(
            fields.get(i),
            new Report(Long.parseLong(report.group(1)), Long.parseLong(report.group(2))));
      } else {
        dropped++;
      }
    }
    return new LogEntry(fields.get(1), Long.parseLong(fields.get(3)), reports, dropped);
  }
}
