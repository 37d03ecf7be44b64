package io.github.bytesandbrains.backoff.examples.spring;

import io.github.bytesandbrains.backoff.PeerCoolingException;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;

/**
 * Returns the price of a supplier. If it is cooling, nothing is sent, and the answer says when to
 * come back.
 */
@RestController
class PriceController {
  private final RestClient restClient;
  private final WebClient webClient;
  private final PriceClient priceClient;

  PriceController(RestClient restClient, WebClient webClient, PriceClient priceClient) {
    this.restClient = restClient;
    this.webClient = webClient;
    this.priceClient = priceClient;
  }

  @GetMapping("/rest-client")
  @Nullable
  String withRestClient(@RequestParam URI supplier) {
    return restClient.get().uri(supplier).retrieve().body(String.class);
  }

  @GetMapping("/web-client")
  @Nullable
  String withWebClient(@RequestParam URI supplier) {
    return webClient.get().uri(supplier).retrieve().bodyToMono(String.class).block();
  }

  @GetMapping("/exchange")
  String withExchange(@RequestParam URI supplier) {
    return priceClient.price(supplier);
  }

  @ExceptionHandler
  ResponseEntity<String> handle(Exception thrown) {
    if (NestedExceptionUtils.getMostSpecificCause(thrown) instanceof PeerCoolingException e) {
      return ResponseEntity.status(HttpStatus.SERVICE_UNAVAILABLE)
          .header(HttpHeaders.RETRY_AFTER, Long.toString(ceilingSeconds(e.remaining())))
          .body("The supplier is cooling");
    }
    return ResponseEntity.status(HttpStatus.BAD_GATEWAY).body("The supplier failed");
  }

  private static long ceilingSeconds(Duration duration) {
    return duration.plusMillis(999).toSeconds();
  }
}
