package io.github.bytesandbrains.backoff.examples.spring;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.http.BackoffHttpClient;
import java.net.http.HttpClient;
import java.time.Duration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.http.client.reactive.JdkClientHttpConnector;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.support.RestClientAdapter;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.service.invoker.HttpServiceProxyFactory;

/** Three kinds of clients over one {@link HttpClient} with a table in front of it. */
@Configuration(proxyBeanMethods = false)
class ClientConfiguration {
  // quoted
  @Bean
  HttpClient httpClient(ConcurrentBackoffTable<String> suppliers) {
    HttpClient plain =
        HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
    return BackoffHttpClient.builder(
            plain, suppliers, request -> BackoffHttpClient.origin(request.uri()))
        .requestTimeout(Duration.ofSeconds(5)) // or a supplier that hangs would never fail
        .build();
  }

  @Bean
  RestClient restClient(HttpClient httpClient) {
    return RestClient.builder()
        .requestFactory(new JdkClientHttpRequestFactory(httpClient))
        .build();
  }

  @Bean
  WebClient webClient(HttpClient httpClient) {
    return WebClient.builder()
        .clientConnector(new JdkClientHttpConnector(httpClient))
        .build();
  }

  @Bean
  PriceClient priceClient(RestClient restClient) { // methods with @GetExchange and the like
    return HttpServiceProxyFactory.builderFor(RestClientAdapter.create(restClient))
        .build()
        .createClient(PriceClient.class);
  }
  // end
}
