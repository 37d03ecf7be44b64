package io.github.bytesandbrains.backoff.examples.spring;

import java.net.URI;
import org.springframework.web.service.annotation.GetExchange;

/** The API of a supplier. */
interface PriceClient {
  @GetExchange
  String price(URI supplier);
}
