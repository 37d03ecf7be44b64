package io.github.bytesandbrains.backoff;

import java.util.Locale;

/** A drawing of a fixed width, on a white ground, so that it is legible on a dark page too. */
final class Svg {
  static final int WIDTH = 880;
  static final String INK = "#1f2933";
  static final String PALE = "#5b6770";
  static final String GRID = "#d9dee3";

  private static final int MARGIN = 20;
  private static final int CAPTION_HEIGHT = 70;

  private final StringBuilder body = new StringBuilder();

  /** Where a text stands by the point that is given. */
  enum Anchor {
    START,
    MIDDLE,
    END
  }

  Svg title(String title, String below) {
    add(
        "<text x=\"%d\" y=\"34\" font-size=\"18\" font-weight=\"bold\">%s</text>",
        MARGIN, escaped(title));
    add("<text x=\"%d\" y=\"56\" fill=\"%s\">%s</text>", MARGIN, PALE, escaped(below));
    return this;
  }

  Svg text(double x, double y, Anchor anchor, String colour, String text) {
    return add(
        "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" fill=\"%s\">%s</text>",
        x, y, anchor.name().toLowerCase(Locale.ROOT), colour, escaped(text));
  }

  Svg line(double x1, double y1, double x2, double y2, String style) {
    return add("<path d=\"M%.1f,%.1fL%.1f,%.1f\" fill=\"none\" %s/>", x1, y1, x2, y2, style);
  }

  Svg rect(double x, double y, double width, double height, String colour) {
    return add(
        "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>",
        x, y, width, height, colour);
  }

  Svg dot(double x, double y, String colour) {
    return add("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4.5\" fill=\"%s\"/>", x, y, colour);
  }

  /** The drawing, with what was measured, where and how, beneath it. */
  String drawn(int height, RatioReport report) {
    Surroundings where = report.surroundings();
    caption(
        height,
        String.format(
            Locale.ROOT,
            "%s, %d processors; %s; %s",
            where.cpu(),
            where.processors(),
            where.jdk(),
            where.date()),
        "One thread; " + where.versions(),
        where.command());
    return String.format(Locale.ROOT, """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %1$d %2$d" width="%1$d" height="%2$d" \
        font-family="sans-serif" font-size="13" fill="%3$s">
        <rect width="%1$d" height="%2$d" fill="#ffffff"/>
        %4$s</svg>
        """, WIDTH, height + CAPTION_HEIGHT, INK, body);
  }

  private void caption(int height, String... lines) {
    for (int i = 0; i < lines.length; i++) {
      add(
          "<text x=\"%d\" y=\"%d\" font-size=\"11\" fill=\"%s\">%s</text>",
          MARGIN, height + 20 + 17 * i, PALE, escaped(lines[i]));
    }
  }

  private Svg add(String format, Object... arguments) {
    body.append(String.format(Locale.ROOT, format, arguments)).append('\n');
    return this;
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
