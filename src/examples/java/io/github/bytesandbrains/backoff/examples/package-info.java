/**
 * Recipes: one class each, compiled and tested with the library. The README and the package
 * documentation quote the regions that are marked.
 */
@NullMarked
package io.github.bytesandbrains.backoff.examples;

import org.jspecify.annotations.NullMarked;
