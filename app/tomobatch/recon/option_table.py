"""The option table of ``tomocupy recon`` and ``tomocupy recon_steps`` (tomocupy at commit d245606)."""

from __future__ import annotations

from tomobatch.recon.option import Option, Takes

_SET = "TomoBatch sets it for each job"
_LAMINO = "laminography is not supported: its results could not be judged"
_ZARR = "zarr is not offered: that writer loses slices"

# The tables below read better a line an option.
# fmt: off
FILTERS = ("none", "ramp", "shepp", "hann", "hamming", "parzen", "cosine", "cosine2")

_JOB = (
    Option("reconstruction-type", Takes.CHOICE, "try", "Try or Full", choices=("try", "full"), embedded=True,
           refused=f"{_SET}: run a Try or a Full"),
    Option("file-name", Takes.PATH, None, "Scan to reconstruct", embedded=True,
           refused=f"{_SET}: name the scan itself"),
    Option("rotation-axis", Takes.FLOAT, -1.0, "COR, 0-based, full frame, unbinned; -1 is the middle", "px",
           embedded=True, refused=f"{_SET} from the COR table: set the scan's COR"),
    Option("out-path-name", Takes.PATH, None, "Folder (TIFF) or prefix (HDF5) of the results", embedded=True,
           refused=f"{_SET}: results lie beside the data folder"),
    Option("config", Takes.PATH, None, "Configuration file", embedded=True,
           refused=f"{_SET}: no configuration file is read"),
    Option("logs-home", Takes.PATH, None, "Folder of the engine's logs", embedded=True,
           refused=f"{_SET}: each job has its own log"),
    Option("config-update", Takes.FLAG, False, "Write the configuration file anew",
           refused="no configuration file is read or written"),
    Option("clear-folder", Takes.SWITCH, False, "Empty the output folder first",
           refused="it removes files by an unquoted shell command; each job has a fresh folder anyway"),
    Option("verbose", Takes.FLAG, False, "More lines in the log"),
)

_INPUT = (
    Option("flat-file-name", Takes.PATH, None, "Scan that holds the flats", embedded=True),
    Option("dark-file-name", Takes.PATH, None, "Scan that holds the darks", embedded=True),
    Option("file-type", Takes.CHOICE, "standard", "double_fov: 360° with the axis at the edge",
           choices=("standard", "double_fov"), embedded=True),
    Option("binning", Takes.INT, 0, "Sum 2^binning pixels each way", low=0, high=3, embedded=True),
    Option("blocked-views", Takes.TEXT, "none", "Angles left out, [start,end] or a list of pairs", "rad"),
    Option("start-row", Takes.INT, 0, "First detector row", "px", low=0, embedded=True),
    Option("end-row", Takes.INT, -1, "Row after the last; -1 is the end", "px", low=-1, embedded=True),
    Option("start-column", Takes.INT, 0, "First detector column", "px", low=0, embedded=True),
    Option("end-column", Takes.INT, -1, "Column after the last; -1 is the end", "px", low=-1, embedded=True),
    Option("start-proj", Takes.INT, 0, "First projection", low=0, embedded=True),
    Option("end-proj", Takes.INT, -1, "Projection after the last; -1 is the end", low=-1, embedded=True),
)

_COR = (
    Option("center-search-width", Takes.FLOAT, 50.0, "Try: this far to either side of the COR", "px",
           low=1e-3, high=1e5, embedded=True),
    Option("center-search-step", Takes.FLOAT, 0.5, "Try: between two candidates, before binning", "px",
           low=1e-3, high=1e5, embedded=True),
    Option("nsino", Takes.LIST, "0.5", "Try: where the slice lies, 0 top to 1 bottom; may be a list",
           low=0, high=1, embedded=True),
    Option("rotation-axis-auto", Takes.CHOICE, "manual", "auto: find the COR first",
           choices=("manual", "auto"), embedded=True),
    Option("rotation-axis-method", Takes.CHOICE, "sift", "How tomocupy finds the COR", choices=("sift", "vo"),
           refused="tomocupy's own COR search is not used: with binning or a crop it is wrong"),
    Option("rotation-axis-pairs", Takes.TEXT, "[0,0]", "Projection pairs for the search",
           refused="tomocupy's own COR search is not used: with binning or a crop it is wrong"),
    Option("rotation-axis-sift-threshold", Takes.FLOAT, 0.5, "Threshold of the search",
           refused="tomocupy's own COR search is not used: with binning or a crop it is wrong"),
    Option("find-center-start-row", Takes.INT, 0, "First row of the search", "px",
           refused="tomocupy's own COR search is not used: with binning or a crop it is wrong"),
    Option("find-center-end-row", Takes.INT, -1, "Row after the last of the search", "px",
           refused="tomocupy's own COR search is not used: with binning or a crop it is wrong"),
)

_METHOD = (
    Option("reconstruction-algorithm", Takes.CHOICE, "fourierrec", "Reconstruction algorithm",
           choices=("fourierrec", "lprec", "linerec"), embedded=True, embedded_choices=("fourierrec",)),
    Option("fbp-filter", Takes.CHOICE, "parzen", "Filter", choices=FILTERS, embedded=True),
    Option("minus-log", Takes.SWITCH, True, "Take the negative logarithm", embedded=True),
    Option("dezinger", Takes.INT, 0, "Width of the median that removes zingers; 0 is off", "px", low=0),
    Option("dezinger-threshold", Takes.INT, 5000, "A zinger is this much above the median", "counts", low=0),
    Option("flat-linear", Takes.SWITCH, False, "Interpolate between flats before and after the scan"),
    Option("bright-ratio", Takes.FLOAT, 1.0, "Exposure of the flats over that of the projections", low=1e-6),
    Option("nsino-per-chunk", Takes.INT, 8, "Slices in memory at a time", low=1, high=4096, embedded=True),
    Option("nproj-per-chunk", Takes.INT, 8, "Projections in GPU memory at a time", low=1, high=4096),
    Option("max-write-threads", Takes.INT, 8, "Writing threads", low=1, high=256),
    Option("max-read-threads", Takes.INT, 4, "Reading threads", low=1, high=256),
    Option("pre-processing", Takes.CHOICE, "True", "Correct and filter the projections first",
           choices=("True", "False"), steps_only=True),
)

_STRIPES = (
    Option("remove-stripe-method", Takes.CHOICE, "none", "Remove ring artefacts",
           choices=("none", "fw", "ti", "vo-all")),
    Option("fw-sigma", Takes.FLOAT, 1.0, "fw: damping", low=0),
    Option("fw-filter", Takes.CHOICE, "sym16", "fw: wavelet", choices=("haar", "db5", "sym5", "sym16")),
    Option("fw-level", Takes.INT, 7, "fw: levels", low=0, high=20),
    Option("fw-pad", Takes.FLAG, True, "fw: pad with zeros", refused="it is always on"),
    Option("ti-beta", Takes.FLOAT, 0.022, "ti: strength", low=0, high=1),
    Option("ti-mask", Takes.FLOAT, 1.0, "ti: size of the mask", low=0, high=1),
    Option("vo-all-snr", Takes.FLOAT, 3.0, "vo-all: greater is less sensitive", low=0),
    Option("vo-all-la-size", Takes.INT, 61, "vo-all: window for large stripes", "px", low=1),
    Option("vo-all-sm-size", Takes.INT, 21, "vo-all: window for small stripes", "px", low=1),
    Option("vo-all-dim", Takes.INT, 1, "vo-all: dimensions of the window",
           refused="tomocupy takes its value for text and fails"),
)

_PHASE = (
    Option("retrieve-phase-method", Takes.CHOICE, "none", "Phase retrieval",
           choices=("none", "paganin", "Gpaganin", "farago"), steps_only=True),
    Option("energy", Takes.FLOAT, 20.0, "X-ray energy", "keV", low=1e-3, steps_only=True),
    Option("propagation-distance", Takes.FLOAT, 0.0, "From sample to detector", "mm", low=0, steps_only=True),
    Option("pixel-size", Takes.FLOAT, 0.0, "Pixel size on the sample, times 2^binning", "µm", low=0),
    Option("retrieve-phase-alpha", Takes.FLOAT, 0.0, "Regularisation", low=0, steps_only=True),
    Option("retrieve-phase-delta-beta", Takes.FLOAT, 1500.0, "Delta over beta (Gpaganin, farago)", low=0,
           steps_only=True),
    Option("retrieve-phase-W", Takes.FLOAT, 2e-4, "Transverse length (Gpaganin)", low=0, steps_only=True),
    Option("retrieve-phase-pad", Takes.INT, 1, "Padding with slices above and below", low=0, steps_only=True),
    *(
        Option(name, Takes.FLOAT, default, "Fourier filter", steps_only=True,
               refused="tomocupy's Fourier filter does nothing")
        for name, default in (("FFratio", 100.0), ("FFdim", 2.0), ("FFlog", 0.0), ("FFpad", 150.0))
    ),
    Option("rotate-proj-angle", Takes.FLOAT, 0.0, "Turn each projection, counter-clockwise", "°",
           steps_only=True),
    Option("rotate-proj-order", Takes.INT, 1, "Spline order of that turn", low=0, high=5, steps_only=True),
)

_HARDENING = (
    Option("beam-hardening-method", Takes.CHOICE, "none", "Beam hardening correction",
           choices=("none", "standard")),
    Option("source-distance", Takes.FLOAT, 36.0, "From source to scintillator", "m", low=0),
    Option("read-scintillator", Takes.FLAG, False, "Scintillator from the scan"),
    Option("read-pixel-size", Takes.FLAG, False, "Pixel size from the scan"),
    Option("scintillator-material", Takes.TEXT, "LuAG_Ce", "Scintillator material"),
    Option("scintillator-thickness", Takes.FLOAT, 100.0, "Scintillator thickness", "µm", low=0),
    Option("scintillator-density", Takes.FLOAT, 6.0, "Scintillator density", "g/cm³", low=0),
    Option("sample-material", Takes.TEXT, "Fe", "Sample material"),
    Option("sample-density", Takes.FLOAT, 1.0, "Sample density", "g/cm³", low=0),
    *(
        option
        for number in (1, 2, 3)
        for option in (
            # Any text counts as true there, "False" too, so only True can be passed.
            Option(f"filter-{number}-auto", Takes.CHOICE, None, f"Filter {number} from the scan",
                   choices=("True",)),
            Option(f"filter-{number}-material", Takes.TEXT, "none", f"Filter {number}: material"),
            Option(f"filter-{number}-thickness", Takes.FLOAT, 0.0, f"Filter {number}: thickness", "µm",
                   low=0),
            Option(f"filter-{number}-density", Takes.FLOAT, 1.0, f"Filter {number}: density", "g/cm³", low=0),
        )
    ),
    Option("calculate-source", Takes.CHOICE, "none", "Source spectrum: tabulated or calculated",
           choices=("none", "standard")),
    Option("e-storage-ring", Takes.FLOAT, 7.0, "Electron energy of the ring", "GeV", low=0),
    Option("b-storage-ring", Takes.FLOAT, 0.599, "Field of the bending magnet", "T", low=0),
    Option("minimum-E", Takes.FLOAT, 1000.0, "Lowest energy of the model", "eV", low=0),
    Option("maximum-E", Takes.FLOAT, 200000.0, "Highest energy of the model", "eV", low=0),
    Option("step-E", Takes.FLOAT, 500.0, "Energy step of the model", "eV", low=1e-3),
    Option("maximum-psi-urad", Takes.FLOAT, 40.0, "Greatest vertical angle of the model", "µrad", low=0),
)

_OUTPUT = (
    Option("save-format", Takes.CHOICE, "tiff", "Format of a Full", choices=("tiff", "h5nolinks"),
           embedded=True),
    Option("dtype", Takes.CHOICE, "float32", "Type of the pixels", choices=("float32",), embedded=True),
    Option("zarr-compression", Takes.TEXT, "blosclz", "zarr compression", refused=_ZARR),
    Option("zarr-chunk", Takes.TEXT, "8,64,64", "zarr chunks", refused=_ZARR),
    Option("large-data", Takes.FLAG, False, "Add to an existing zarr", refused=_ZARR),
    Option("ldchunk", Takes.INT, 10, "Chunks of angles of large-data", refused=_ZARR),
    Option("lamino-angle", Takes.FLOAT, 0.0, "Pitch of the stage", "°", refused=_LAMINO),
    Option("lamino-search-width", Takes.FLOAT, 5.0, "Search width of the pitch", "°", refused=_LAMINO),
    Option("lamino-search-step", Takes.FLOAT, 0.25, "Search step of the pitch", "°", refused=_LAMINO),
    Option("lamino-start-row", Takes.INT, 0, "First slice", refused=_LAMINO),
    Option("lamino-end-row", Takes.INT, -1, "Slice after the last", refused=_LAMINO),
)

OPTIONS: tuple[Option, ...] = (
    *_JOB, *_INPUT, *_COR, *_METHOD, *_STRIPES, *_PHASE, *_HARDENING, *_OUTPUT,
)
