package io.github.bytesandbrains.backoff;

import io.github.bytesandbrains.backoff.Svg.Anchor;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The heap that a peer takes, by what it is for. */
final class HeapChart {
  private static final int TOP = 110;
  private static final int STEP = 34;
  private static final int BAR = 20;
  private static final int LEFT = 220;
  private static final int RIGHT = 800;

  /** What the heap is for. */
  private enum Part {
    MAP("map: node, share of the array", "#0b5cad"),
    STATE("state, or breaker", "#7fb2e5"),
    INDEX("eviction: entry, share of the sketch", "#e0a458");

    final String title;
    final String colour;

    Part(String title, String colour) {
      this.title = title;
      this.colour = colour;
    }

    static Part of(String detail) {
      if (detail.startsWith("index:") || detail.matches("all: (P[A-Z]+|long\\[\\])")) {
        return INDEX;
      }
      return detail.matches(".*Map\\$Node(\\[\\])?") ? MAP : STATE;
    }
  }

  private HeapChart() {}

  static String draw(RatioReport report) {
    List<Result> results = report.results().stream()
        .filter(result -> result.row().name().startsWith(Heap.TITLE))
        .toList();
    Svg svg = new Svg()
        .title(
            "Heap of a tracked peer, beside the key itself",
            "Bytes, lower is better. Filled with 1,000,000 peers (Resilience4j: 100,000), less an empty one.");
    double x = 20;
    for (Part part : Part.values()) {
      svg.rect(x, TOP - 36, 12, 12, part.colour);
      svg.text(x + 18, TOP - 25, Anchor.START, Svg.INK, part.title);
      x += 270;
    }
    double most = results.stream().mapToDouble(r -> r.measured().median()).max().orElse(1);
    double scale = (RIGHT - LEFT) / most;
    for (int i = 0; i < results.size(); i++) {
      bar(svg, results.get(i), TOP + STEP * i, scale);
    }
    return svg.drawn(TOP + STEP * results.size(), report);
  }

  private static void bar(Svg svg, Result result, double y, double scale) {
    String name = result.row().name();
    svg.text(LEFT - 10, y + 15, Anchor.END, Svg.INK, name.substring(name.lastIndexOf(", ") + 2));
    Row.Limit limit = result.row().limit();
    double x = LEFT;
    for (Part part : Part.values()) {
      double bytes = result.details().entrySet().stream()
          .filter(detail -> Part.of(detail.getKey()) == part)
          .mapToDouble(Map.Entry::getValue)
          .sum();
      svg.rect(x, y, bytes * scale, BAR, part.colour);
      x += bytes * scale;
    }
    double end = x;
    String reached = "";
    if (limit != null) {
      double reach = LEFT + limit.value() * scale;
      svg.line(reach, y - 4, reach, y + BAR + 4, "stroke=\"#b4540a\" stroke-width=\"2.5\"");
      end = Math.max(x, reach);
      reached = String.format(Locale.ROOT, "   (mark: the number to reach, %.0f)", limit.value());
    }
    svg.text(
        end + 8,
        y + 15,
        Anchor.START,
        Svg.INK,
        String.format(Locale.ROOT, "%,.0f", result.measured().median()) + reached);
  }
}
