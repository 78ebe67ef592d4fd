"""Floor 1. Layers and fields that forks of Caffe have and neither Caffe nor MyCaffe has.

Taken from the forks' public schemas. Whatever is built here leaves the table: a test holds it
against the schema and the layers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, eq=False)
class Fork:
    """One fork: its name, its repository, and the words it added, with blanks between.

    `params` are fields of a layer, `fields` those of other messages; `values` are enum words.
    """

    name: str
    repository: str
    layers: str = ""
    params: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    values: str = ""


FORKS = (
    Fork(
        "SSD",
        "weiliu89/caffe",
        layers="Permute Normalize PriorBox DetectionOutput DetectionEvaluate MultiBoxLoss "
        "AnnotatedData VideoData",
        params="permute_param norm_param prior_box_param detection_output_param "
        "detection_evaluate_param multibox_loss_param annotated_data_param video_data_param",
        fields={
            "TransformationParameter": "resize_param noise_param distort_param expand_param "
            "emit_constraint crop_h crop_w",
            "SolverParameter": "plateau_winsize",
        },
    ),
    Fork("PriorBoxClustered", "Intel's Open Model Zoo", layers="PriorBoxClustered NormalizeBBox"),
    Fork(
        "Faster R-CNN",
        "rbgirshick/caffe-fast-rcnn",
        layers="ROIPooling SmoothL1Loss",
        params="roi_pooling_param smooth_l1_loss_param",
        fields={"DropoutParameter": "scale_train"},
    ),
    Fork(
        "R-FCN",
        "Microsoft/caffe",
        layers="PSROIPooling BoxAnnotatorOHEM SmoothL1LossOHEM SoftmaxWithLossOHEM",
        params="psroi_pooling_param box_annotator_ohem_param mil_data_param mil_param",
        fields={"LossParameter": "pre_fixed_normalizer"},
        values="PRE_FIXED",
    ),
    Fork("PVANet", "sanghoon/pva-faster-rcnn", layers="Proposal", params="proposal_param"),
    Fork(
        "PSPNet",
        "hszhao/PSPNet",
        layers="BN Interp",
        params="bn_param interp_param",
        fields={
            "TransformationParameter": "crop_height crop_width scale_factors",
            "BatchNormParameter": "update_global_stats",
        },
    ),
    Fork(
        "DeepLab",
        "xmyqsh/deeplab-v2",
        layers="Interp AdaptiveBiasChannel BiasChannel DenseCRF DomainTransform "
        "DomainTransformForwardOnly ImageSegData MatRead MatWrite SegAccuracy SpatialProduct "
        "UniqueLabel Padding",
        params="interp_param adaptive_bias_channel_param bias_channel_param dense_crf_param "
        "domain_transform_param mat_read_param mat_write_param seg_accuracy_param "
        "unique_label_param padding_param strict_dim",
        fields={
            "ImageDataParameter": "label_type ignore_label",
            "ConvolutionParameter": "hole hole_h hole_w",
        },
    ),
    Fork(
        "SegNet",
        "alexgkendall/caffe-segnet",
        layers="BN Upsample DenseImageData",
        params="bn_param upsample_param dense_image_data_param",
        fields={
            "DropoutParameter": "sample_weights_test",
            "LossParameter": "weight_by_label_freqs class_weighting",
        },
    ),
    Fork(
        "NVCaffe",
        "NVIDIA/caffe",
        layers="DetectNetTransformation TRT",
        params="forward_type backward_type forward_math backward_math cudnn_math_override debug "
        "detectnet_groundtruth_param detectnet_augmentation_param trt_param",
        fields={
            "NetParameter": "default_forward_type default_backward_type default_forward_math "
            "default_backward_math default_conv_algos_override default_cudnn_math_override "
            "eltwise_mem_sharing global_grad_scale global_grad_scale_adaptive reduce_buckets",
            "SolverParameter": "larc larc_policy larc_eta larc_turbo max_momentum "
            "max_weight_decay min_lr momentum_policy momentum_power rampup_interval rampup_lr "
            "solver_data_type store_blobs_in_old_format test_and_snapshot_last_epochs "
            "weight_decay_policy weight_decay_power",
            "BatchNormParameter": "scale_bias scale_filler bias_filler engine",
            "PoolingParameter": "torch_pooling",
            "ConvolutionParameter": "conv_algos_override cudnn_convolution_algo_seeker",
            "DataParameter": "cache shuffle threads parser_threads precache",
            "DropoutParameter": "engine random_seed",
            "ELUParameter": "lambda",
            "ImageDataParameter": "cache dataset_share_per_node precache short_side threads",
            "LossParameter": "label_smoothing",
            "TransformationParameter": "allow_upscale forward_packing horizontal_stretch_lower "
            "horizontal_stretch_upper img_rand_resize_lower img_rand_resize_upper "
            "interpolation_algo_down interpolation_algo_up num_labels rand_resize_ratio_lower "
            "rand_resize_ratio_upper use_gpu_transform vertical_stretch_lower "
            "vertical_stretch_upper",
        },
    ),
    Fork(
        "Intel",
        "intel/caffe",
        layers="MKLBatchNorm MnActivation BoxData EvalDetection SpatialDropout RegionLoss",
        params="engine quantization_param mn_activation_param mn_grad_compress_param multinode "
        "split_param spatial_dropout_param eval_detection_param region_loss_param",
        fields={
            "NetParameter": "engine bn_stats_batch_size compile_net_state multinode",
            "SolverParameter": "engine disabled_update local_gw_ratio local_lr_auto test_offset "
            "stageiter stagelr warmup_iter warmup_start_lr",
            "BatchNormParameter": "bias_term engine filler bias_filler relu stats_batch_size "
            "use_weight_bias",
            "ConcatParameter": "engine per_fla_fuse",
            "ConvolutionParameter": "coeff conv_algorithm fusion_type negative_slope relu",
            "DataParameter": "shuffle side",
            "EltwiseParameter": "engine",
            "FillerParameter": "scale",
            "ImageDataParameter": "min_height min_width",
            "InnerProductParameter": "engine negative_slope relu",
            "LossParameter": "label_smoothing pre_fixed_normalizer",
            "PoolingParameter": "avg_include_pad axis kernel_size_3d pad_3d stride_3d",
            "ReLUParameter": "fuse",
            "ReshapeParameter": "pixelshuffler",
            "TransformationParameter": "bgr2rgb flow pad random_aspect_ratio_param "
            "random_resize_param",
        },
        values="MKL2017 MKLDNN",
    ),
    Fork(
        "TSN",
        "yjxiong/caffe",
        layers="BN SyncBN Gather Scatter SegData BatchReduction",
        params="bn_param batch_reduction_param seg_data_param",
        fields={
            "NetParameter": "mem_param",
            "SolverParameter": "group_id richness",
            "ConvolutionParameter": "dilation_h dilation_w",
            "DataParameter": "shuffle",
            "ReductionParameter": "k",
            "TransformationParameter": "fix_crop is_flow max_distort more_fix_crop multi_scale "
            "original_image scale_ratios stride upper_height upper_size upper_width",
        },
    ),
    Fork(
        "happynear",
        "happynear/caffe-windows",
        layers="CenterLoss MarginInnerProduct LargeMarginInnerProduct Noise Flip FocalLoss "
        "Insanity Local Resize SubRegion Transformer InnerDistance Pairwise NCALoss "
        "LabelSpecificAdd BatchContrastiveLoss GeneralContrastiveLoss GeneralTripletLoss "
        "SoftContrastiveLoss ChannelScale Truncation SoftTruncation",
        params="center_loss_param margin_inner_product_param largemargin_inner_product_param "
        "normalize_param noise_param flip_param focal_loss_param insanity_param local_param "
        "resize_param sub_region_param inner_distance_param pairwise_param nca_param "
        "batch_contrastive_loss_param general_contrastive_loss_param general_triplet_loss_param "
        "soft_contrastive_loss_param channel_scale_param truncation_param soft_truncation_param "
        "smoothl1_param",
        fields={"ConvolutionParameter": "shape_offset", "InnerProductParameter": "normalize"},
    ),
    Fork(
        "MobileNet-YOLO",
        "eric612/MobileNet-YOLO",
        layers="Reorg Yolov3 Yolov3DetectionOutput YoloDetectionOutput YoloSeg GaussianYolov3 "
        "ReLU6 Upsample DepthwiseConvolution SegmentationEvaluate AssistedExcitation LaneData",
        params="reorg_param yolov3_param yolov3_detection_output_param yolo_seg_param "
        "relu6_param yolo_detection_output_param upsample_param segmentation_evaluate_param",
    ),
    Fork(
        "FlowNet2",
        "lmb-freiburg/flownet2",
        layers="Accum BlackAugmentation ChannelNorm Correlation Correlation1D CustomData "
        "DataAugmentation Downsample FLOWriter FloatReader FloatWriter FlowAugmentation FlowWarp "
        "GenerateAugmentationParameters ImgReader ImgWriter L1Loss LpqLoss Mean NegReLU "
        "PFMWriter Resample",
        params="accum_param augmentation_param black_augmentation_param coeff_schedule_param "
        "correlation_param downsample_param flow_warp_param l1_loss_param lpq_loss_param "
        "mean_param reader_param resample_param reshape_every_iter writer_param",
        fields={"FillerParameter": "diag_val"},
    ),
    Fork(
        "OpenPose",
        "CMU-Perceptual-Computing-Lab/caffe_rtpose",
        layers="ImResize Nms",
        params="imresize_param nms_param",
    ),
    Fork(
        "RMPE (AlphaPose)",
        "MVIG-SJTU/RMPE",
        layers="SpatialTransformer EltwiseAffine DataHeatmap EuclideanLossHeatmap AccuracyHeatmap "
        "PredictionHeatmap",
        params="st_param eltwise_affine_param heatmap_data_param accuracy_heatmap_param "
        "prediction_heatmap_param visualise visualise_channel",
        fields={"ReshapeParameter": "use_blob_size"},
    ),
    Fork(
        "caffe_ocr",
        "senlinuc/caffe_ocr",
        layers="Reverse ReverseTime CTCGreedyDecoder WarpCTCLoss CTCLoss DenseBlock "
        "SoftmaxWithLossMultiLabel",
        params="lstm_param reverse_param reverse_time_param ctc_decoder_param ctc_loss_param "
        "denseblock_param",
    ),
    Fork("SENet", "hujie-frank/SENet", layers="Axpy"),
    Fork(
        "ShuffleNet",
        "farmingyard/ShuffleNet",
        layers="ShuffleChannel ConvolutionDepthwise",
        params="shuffle_channel_param",
    ),
    Fork("soeaver", "soeaver/caffe-model", fields={"PoolingParameter": "ceil_mode"}),
    Fork(
        "ApolloCaffe",
        "Russell91/apollocaffe",
        layers="CapSequence HungarianLoss MatData NumpyData Py Wordvec",
        params="hungarian_loss_param py_param rp wordvec_param lstm_unit_param",
        fields={"InnerProductParameter": "output_4d", "SolverParameter": "stepearly"},
    ),
    Fork("HED", "s9xie/hed", layers="ImageLabelmapData"),
)
