// How the operator's page is built: one script and one style, with a hash of their content in their names.
import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  // Relative, so that a path that a proxy puts before it is kept.
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: 'built',
    emptyOutDir: true,
    assetsDir: 'page',
    target: 'es2023',
    modulePreload: false,
    assetsInlineLimit: 0,
    rolldownOptions: {
      output: { entryFileNames: 'page/[name]-[hash].min.js', assetFileNames: 'page/[name]-[hash][extname]' }
    }
  }
})
