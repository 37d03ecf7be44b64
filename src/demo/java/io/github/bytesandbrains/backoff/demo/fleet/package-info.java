/** The fleet rehearsal: nodes that share what they learn by Redis, and the same without. */
@NullMarked
package io.github.bytesandbrains.backoff.demo.fleet;

import org.jspecify.annotations.NullMarked;
