// Made from the types in Python by `python -m tests.payloads`.

declare namespace Payload {
  interface Ancestor {
    digest: string;
    address: string;
    at: number;
    says: string;
  }

  interface ArmStartTold {
    params: number;
    checksum: string;
  }

  interface ArmTold {
    loss?: number | null;
    accuracy?: number | null;
    train_accuracy?: number | null;
    test_accuracy?: number | null;
    grad_norm?: (number | null)[];
    activation_grad_norm?: (number | null)[];
    activation_mean?: (number | null)[];
    activation_std?: (number | null)[];
    dead_fraction?: (number | null)[];
    residual_ratio?: (number | null)[];
  }

  interface BoxPart {
    part: "box";
    name: string;
    label: string;
    parts: (SettingPart | SetsPart | ModesPart | CaptionPart | SwitchPart | GuessPart | BoxPart)[];
  }

  interface Branched {
    run: RunTold;
    preview?: RecordTold;
    finding?: string;
  }

  interface CaptionPart {
    part: "caption";
    name: string;
    text: string;
  }

  interface DownloadTold {
    name: string;
    state: "running" | "done" | "failed";
    done: number;
    total: number;
    message: string;
  }

  interface Drawn {
    network: Network;
    cut: number[];
    remove: number[];
    arms: ("residual" | "plain")[];
    tools: boolean;
  }

  interface EdgeBind {
    kind: "edge";
    arm: "residual" | "plain";
    name: string;
    over: number;
    says: string;
  }

  interface EditDrawn {
    reads: string;
    right: number;
    seen: number;
    anew: number | null;
  }

  interface Figure {
    id: string;
    title: string;
    note: string;
    bare?: boolean;
    height?: number;
    table?: Table;
    figure?: Plot;
    aligned?: boolean;
    decades?: string;
    flow?: Moving;
    rows?: Table;
    text?: string;
    markup?: string;
    net?: Drawn;
    maps?: Maps;
    gallery?: Gallery;
    pad?: Picture;
    own?: Own;
  }

  interface Gallery {
    image: Picture;
    items: GalleryItem[];
    chosen: number | null;
    colors: Record<string, string>;
  }

  interface GalleryItem {
    number: number;
    pixels: string;
    truth: number;
    reads: Record<string, number | string>;
    wrong: string[];
  }

  interface GuessPart {
    part: "guess";
    name: string;
    label: string;
    stands: boolean;
    questions: Guessing[];
  }

  interface Guessing {
    text: string;
    choices: string[];
    set: Record<string, string | null>;
    draws?: Sketched;
  }

  interface HeatmapBind {
    kind: "heatmap";
    arm: "residual" | "plain";
    name: string;
  }

  interface LesionDrawn {
    by: string;
    network: Network;
    cut: number[];
    removed: number[];
    lesion: number[];
    sever: number[];
    shades: Record<string, (number | null)[]>;
    scores: Record<string, LesionScore>;
  }

  interface LesionScore {
    misread: string;
    right: number | null;
    label: string;
    beside: string;
  }

  interface LiveField {
    name: string;
    label: string;
    help: string;
    kind: string;
    choices: Record<string, string>;
  }

  interface MapCell {
    label: string;
    width: number;
    height: number;
    values: number[];
    said: string;
  }

  interface MapDrawn {
    box: number[];
    columns: number;
    heights: number[];
  }

  interface Maps {
    image: Picture | null;
    said: string;
    rows: MapsRow[];
    key: MapsKey;
    colours: [number, string][];
  }

  interface MapsKey {
    low: string;
    high: string;
  }

  interface MapsRow {
    title: string;
    color: string;
    cells: MapCell[];
  }

  interface Mended {
    says: string;
    query: string;
    around: string;
  }

  interface Mode {
    name: string;
    label: string;
    words: Record<string, string>;
  }

  interface ModesPart {
    part: "modes";
    name: string;
    label: string;
    choices: Mode[];
    keep: string[];
  }

  interface Moving {
    arms: MovingArm[];
    box: number[];
    labels: number[];
    grid: number;
    blocks: number;
    colors: string[];
    noun: string;
    columns?: number;
    step?: Stepping;
  }

  interface MovingArm {
    name: string;
    formula: string;
    color: string;
    said: string;
    jumps: boolean;
    x: number[][];
    y: number[][];
    regions: string[];
    arrows?: number[][] | null;
    halved?: MovingHalved;
  }

  interface MovingHalved {
    formula: string;
    said: string;
    x: number[][];
    y: number[][];
    regions: string[];
  }

  interface Network {
    depth: number;
    stem: number;
    per: number;
    blocks: number;
    shortcuts: string[];
    stages: Stage[];
  }

  interface Own {
    by: string;
  }

  interface Page {
    plotly: string;
    plotly_whole: string;
    modules: Record<string, string>;
    kind: string;
    timeline: boolean;
    url: string;
    name: string;
    titled: boolean;
    beside: boolean;
    alone: boolean;
    later: boolean;
    at_once: boolean;
    below: boolean;
    last: boolean;
    view: string;
    verb: string;
    first: string;
    again: string;
    rest: string;
    onward: string;
    files: [string, string, string][];
  }

  interface PendulumDrawn {
    name: string;
    color: string;
    angles: number[];
  }

  interface PendulumsDrawn {
    by: string;
    dt: number;
    true: number[];
    arms: PendulumDrawn[];
  }

  interface Picture {
    pixels: string;
    channels: number;
    height: number;
    width: number;
    top: number;
    live?: boolean;
    reads?: Read[];
    upload?: string;
  }

  interface Plot {
    data: Record<string, any>[];
    layout: Record<string, any>;
  }

  interface ProfileBind {
    kind: "profile";
    arm: "residual" | "plain";
    name: string;
    at: "cursor" | "first";
    from: number;
    every: number;
  }

  interface Read {
    text: string;
    color: string;
  }

  interface ReadDrawn {
    by: string;
    arms: (["residual" | "plain", string, number[]])[];
  }

  interface RecordTold {
    step: number;
    epoch: number;
    residual?: ArmTold;
    plain?: ArmTold;
    ended?: Record<string, string>;
    finding?: string;
    truth?: [string, string];
  }

  interface RunHead {
    digest: string;
    status: string;
    message: string;
    missing: string;
    steps: number;
    seconds: number;
    viewers: number;
    device: string;
    arms: Record<string, ArmStartTold> | null;
    position?: number;
    broken?: string;
  }

  interface RunState {
    digest: string;
    status: string;
    message: string;
    missing: string;
    steps: number;
    seconds: number;
    viewers: number;
    device: string;
    arms: Record<string, ArmStartTold> | null;
    position?: number;
    broken?: string;
    from: number;
    records: RecordTold[];
  }

  interface RunTold {
    digest: string;
    query: string;
    address: string;
    steps: number;
    segments: Segment[];
    lineage: Ancestor[];
  }

  interface Said {
    read?: Mended;
    problems: string[];
    refused: [string, string, string][];
    changed: boolean;
  }

  interface Segment {
    after: number;
    cut: number[];
    remove: number[];
    settings: Record<string, string>;
  }

  interface SeriesBind {
    kind: "series";
    arm: "residual" | "plain";
    name: string;
  }

  interface Set {
    label: string;
    set: Record<string, string | null>;
  }

  interface SetsPart {
    part: "list" | "pills";
    name: string;
    label: string;
    choices: Set[];
    width: number;
  }

  interface SettingPart {
    part: "setting";
    name: string;
    label: string;
    help: string;
    kind: string;
    width: number;
    choices: [string, string][];
    stops?: string[];
    low?: number | null;
    high?: number | null;
    step?: number;
    form?: string;
    upload?: string;
    also?: Record<string, string>;
  }

  interface Sketched {
    figure: string;
    line: string;
    at: number;
    where: string;
    how: string;
  }

  interface SlopeBind {
    kind: "slope";
    arm: "residual" | "plain";
    name: string;
    factor: number;
    per: number;
    back: boolean;
    level: number | null;
  }

  interface Stage {
    first: number;
    channels: number;
  }

  interface State {
    read?: Mended;
    problems: string[];
    refused: [string, string, string][];
    changed: boolean;
    status: "running" | "finished" | "waiting";
    share: number;
    says: string;
    ahead: number;
    trouble: string;
    barred: boolean;
    made: string;
    missing: string;
    note?: string;
    version: string;
    by_press: boolean;
    verb: string | null;
    others: boolean;
    about: string;
    onward: [string, string, string][];
    next?: [string, string, string] | null;
    query: string;
    values: Record<string, string>;
    said: Record<string, string>;
    laid: string;
    truth?: [string, string];
    rows?: ((SettingPart | SetsPart | ModesPart | CaptionPart | SwitchPart | GuessPart | BoxPart)[])[];
    finding?: string;
    figures?: Figure[];
    record?: RecordTold;
    run?: RunTold;
    network?: Network;
    fields?: LiveField[];
  }

  interface StationDrawn {
    name: string;
    channels: number;
    height: number;
    width: number;
    columns: number;
    said: string[];
    picture?: string;
  }

  interface Stepping {
    h: number;
    said: string;
  }

  interface SwitchPart {
    part: "switch";
    name: string;
    all: string;
  }

  interface Table {
    header: string[];
    rows: any[];
  }

  interface TermDrawn {
    sign: string;
    station: number;
    marked: boolean;
  }

  interface ThroughDrawn {
    by: string;
    markup: string;
    stations: StationDrawn[];
    terms: TermDrawn[];
    marked: [number, number][];
    there: string[];
    scale: string;
  }

  interface UnravelDrawn {
    by: string;
    blocks: number;
    opened: number;
    out: number[];
    said: string;
  }

  interface WallDrawn {
    by: string;
    network: Network;
    image: Picture;
    places?: [number, number][];
    truth: string;
    images: number;
    steps: number[];
    of: number;
    right: Record<string, number[]>;
    reads: Record<string, string[]>;
    live: boolean;
    sever: number;
    lesion: number;
    edits: Record<string, EditDrawn>;
  }

  interface WayDrawn {
    said: string;
    name: string;
    steps: number[];
    x: number[];
    y: number[];
    far: number[];
    loss: (number | null)[];
    map?: MapDrawn;
    near?: MapDrawn;
  }

  interface WaysDrawn {
    by: string;
    arms: Record<string, WayDrawn>;
    of: number;
    colours: [number, string][];
    decade: number;
    marks: [number, string][];
    along: [number, string][];
    losses: [number, string][];
    live: boolean;
  }

  type Part = SettingPart | SetsPart | ModesPart | CaptionPart | SwitchPart | GuessPart | BoxPart;

  type Bind = SeriesBind | ProfileBind | HeatmapBind | SlopeBind | EdgeBind;

  type Changes = Record<string, string | null>;
}
