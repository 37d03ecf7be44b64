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
  void draw_theSchedules_theFileInTheRepository() throws Exception {
    assertThat(Files.readAllLines(ScheduleFigure.FILE))
        .as("%s; to draw it anew: %s", ScheduleFigure.FILE, ScheduleFigure.HOW_TO_DRAW)
        .isEqualTo(ScheduleFigure.draw().lines().toList());
  }

  @Test
  void draw_always_wellFormed() throws Exception {
    byte[] text = ScheduleFigure.draw().getBytes(StandardCharsets.UTF_8);
    Document document = DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(text));
    assertThat(document.getDocumentElement().getTagName()).isEqualTo("svg");
    assertThat(document.getElementsByTagName("polygon").getLength()).isEqualTo(2);
    assertThat(document.getElementsByTagName("polyline").getLength()).isEqualTo(1);
  }
}
