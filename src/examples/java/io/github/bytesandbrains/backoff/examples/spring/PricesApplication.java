package io.github.bytesandbrains.backoff.examples.spring;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Asks suppliers for prices, and leaves those alone that are failing. */
@SpringBootApplication
class PricesApplication {
  public static void main(String[] args) {
    SpringApplication.run(PricesApplication.class, args);
  }
}
