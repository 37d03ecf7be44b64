/** The live page and {@code /metrics}. */
@NullMarked
package io.github.bytesandbrains.backoff.demo.web;

import org.jspecify.annotations.NullMarked;
