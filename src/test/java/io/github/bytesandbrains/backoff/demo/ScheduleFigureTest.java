package io.github.bytesandbrains.backoff.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;

class ScheduleFigureTest {
  @Test
  void draw_schedule_sameAsTheFileInTheRepository() throws Exception {
    assertThat(Files.readAllLines(ScheduleFigure.FILE))
        .as("%s; to redraw it: %s", ScheduleFigure.FILE, ScheduleFigure.HOW_TO_DRAW)
        .isEqualTo(ScheduleFigure.draw().lines().toList());
  }

  @Test
  void draw_always_wellFormedAndToScale() throws Exception {
    byte[] text = ScheduleFigure.draw().getBytes(StandardCharsets.UTF_8);
    Document document = DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(text));
    assertThat(document.getDocumentElement().getTagName()).isEqualTo("svg");
    assertThat(points(document, "polyline", 0)) // 10 ms is a decade above the bottom
        .startsWith("72.0,367.2 104.0,367.2 104.0,345.3 ")
        .endsWith(" 680.0,92.2 712.0,92.2");
    assertThat(points(document, "polygon", 0)) // full jitter: down to the bottom, and back
        .startsWith("72.0,367.5 104.0,367.5 ")
        .endsWith(" 104.0,440.0 72.0,440.0");
    assertThat(points(document, "polygon", 1)).endsWith(" 104.0,388.8 72.0,388.8"); // 5 ms
  }

  private static String points(Document document, String shape, int index) {
    return document
        .getElementsByTagName(shape)
        .item(index)
        .getAttributes()
        .getNamedItem("points")
        .getTextContent();
  }
}
