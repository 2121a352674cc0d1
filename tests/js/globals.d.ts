// What the browser code uses that is declared nowhere else: what it leaves on `window`, and plotly's public functions.

interface Window {
  resviz?: unknown; // the view that leads the page, for the console, for tests and for benchmarks
  resvizWatch?: import("../../resviz/ui/assets/watch.js").Watch;
  resvizAddress?: import("../../resviz/ui/assets/address.js").Address;
  Plotly?: PlotlyLibrary;
}

/** A node that plotly draws in: https://plotly.com/javascript/plotlyjs-function-reference. */
interface PlotlyNode extends HTMLElement {
  on(event: string, act: (change: Record<string, any>) => void): void;
  data?: PlotlyTrace[];
  layout?: Record<string, any>;
  /** Private: only plots' quick update reads it. */
  _fullLayout?: Record<string, any>;
}

type PlotlyTrace = Record<string, any>;

interface PlotlyLibrary {
  react(node: HTMLElement, data: PlotlyTrace[], layout: object, config?: object): Promise<PlotlyNode>;
  purge(node: HTMLElement): void;
}
